import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onFreePort } from './free-port.ts'
import { downloadRedis } from './redis-download.ts'
import { makeRunFolder } from './run-folder.ts'
import { superviseProcess } from './supervised-process.ts'
import type { Command } from './supervisor.ts'

const run = promisify(execFile)

/** A Redis or Valkey that can be started here. */
export type RedisProgram = {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** Where it came from, in words for the terminal. */
  readonly from: string
}

/** A Redis of our own: loopback only, behind a password, gone when it stops or when we die. */
export type PrivateRedis = {
  readonly url: string
  readonly port: number
  pid(): number
  /** Kills it as a crash would. Without `appendOnly` it comes back empty. */
  kill9(): Promise<void>
  /** Serves again on the same port, from what it wrote down if anything. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The oldest Redis BullMQ runs on, and the oldest Valkey there is. */
const OLDEST = [6, 2] as const
const ON_PATH = ['redis-server', 'valkey-server']

/**
 * Looks on the PATH; and, only where the caller says so, fetches the distribution's own package into a cache folder.
 * Null when there is none: the caller says what it does instead.
 */
export async function findRedis(options: { readonly mayDownload: boolean }): Promise<RedisProgram | null> {
  const path = [process.env.PATH ?? '', '/usr/local/bin', '/usr/bin', '/usr/sbin'].join(':')
  for (const name of ON_PATH) {
    const found = { program: name, env: { PATH: path }, from: `${name} on the PATH` }
    if (await recentEnough(found)) return found
  }
  if (!options.mayDownload) return null
  const downloaded = await downloadRedis()
  return downloaded !== null && (await recentEnough(downloaded)) ? downloaded : null
}

/** Starts one. `appendOnly` writes every change down before it is answered, as production is told to. */
export async function startRedis(redis: RedisProgram, options: { readonly appendOnly: boolean }): Promise<PrivateRedis> {
  const folder = await makeRunFolder('redis')
  const server = superviseProcess(folder, () => undefined)
  try {
    const password = randomBytes(18).toString('base64url')
    const serveOn = async (port: number) => server.serve(await serving(redis, folder, port, password, options.appendOnly))
    const port = await onFreePort(serveOn)
    return {
      url: `redis://:${password}@127.0.0.1:${port}`,
      port,
      pid: server.pid,
      kill9: () => server.kill('SIGKILL'),
      restart: () => serveOn(port),
      stop: server.stop,
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function serving(redis: RedisProgram, folder: string, port: number, password: string, append: boolean): Promise<Command> {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true, mode: 0o700 })
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: `"${data}"`,
    requirepass: password,
    // BullMQ's condition: a Redis that throws keys away when it is full loses jobs in silence.
    'maxmemory-policy': 'noeviction',
    appendonly: append ? 'yes' : 'no',
    appendfsync: 'always',
    save: '""',
    daemonize: 'no',
    // The tests give each file that runs at the same moment a numbered database of its own.
    databases: 64,
  }
  // In a file, since a command line can be read by everyone on the machine and this one holds the password.
  const file = join(folder, 'redis.conf')
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  await writeFile(file, lines.join(''), { mode: 0o600 })
  return {
    program: redis.program,
    args: [file],
    env: { ...redis.env, LC_ALL: 'C' },
    cwd: '/',
    account: null,
    readyWhen: 'eady to accept connections',
    stopSignal: 'SIGTERM',
  }
}

async function recentEnough(redis: RedisProgram): Promise<boolean> {
  try {
    const { stdout } = await run(redis.program, ['--version'], { env: { ...redis.env } })
    const [major = 0, minor = 0] = (/v=(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number)
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  } catch {
    // Not there, or it lacks a library: for us that is the same as no Redis.
    return false
  }
}
