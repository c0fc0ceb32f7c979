import { randomBytes } from 'node:crypto'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFreePort } from './free-port.ts'
import { findPostgresPrograms, makeFolderFor, type PostgresPrograms } from './postgres-binaries.ts'
import { makeRunFolder } from './run-folder.ts'
import { EndedEarly, type SupervisedProcess, superviseProcess } from './supervised-process.ts'
import type { Command } from './supervisor.ts'

/** A PostgreSQL of our own: loopback only, on a port of its own, thrown away when it stops or when we die. */
export type PrivatePostgres = {
  /** A connection string for its superuser. */
  readonly url: string
  pid(): number
  /** Kills the server as a crash would. Its data stay for `restart`. */
  kill9(): Promise<void>
  /** Serves the same data again, on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts one from the binaries npm brought, in under two seconds. `durable: false` waits for no disk and is for tests
 * alone: a bench or a demo on it would promise what production cannot keep.
 */
export async function startPostgres(options: { readonly durable: boolean }): Promise<PrivatePostgres> {
  const folder = await makeRunFolder('postgres')
  const server = superviseProcess(folder, () => undefined)
  try {
    const programs = await findPostgresPrograms(folder)
    const password = randomBytes(18).toString('base64url')
    const data = join(folder, 'data')
    await makeCluster(server, programs, folder, data, password)
    const serveOn = (port: number) => server.serve(serving(programs, data, port, options.durable))
    const port = await onFreePort(serveOn)
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      pid: server.pid,
      kill9: () => server.kill('SIGKILL'),
      restart: () => serveAgain(() => serveOn(port)),
      stop: server.stop,
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** How often a restart is tried while the backends of a killed server are still letting go of its memory. */
const RESTART_TRIES = 50

async function serveAgain(serve: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await serve()
    } catch (error) {
      const stillHeld = error instanceof EndedEarly && error.lines.some((line) => line.includes('still in use'))
      if (!stillHeld || tried === RESTART_TRIES) throw error
    }
  }
}

async function makeCluster(
  server: SupervisedProcess,
  programs: PostgresPrograms,
  folder: string,
  data: string,
  password: string,
): Promise<void> {
  await makeFolderFor(data, programs.account)
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (programs.account !== null) await chown(passwordFile, programs.account.uid, programs.account.gid)
  const args = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts the same on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    // The files are new and nobody depends on them yet.
    '--no-sync',
  ]
  await server.finish(command(programs.initdb, args, programs))
  await rm(passwordFile)
}

function serving(programs: PostgresPrograms, data: string, port: number, durable: boolean): Command {
  const settings = {
    listen_addresses: '127.0.0.1',
    // No socket file: it would stand in /tmp, in everyone's way, and outlive a crash.
    unix_socket_directories: '',
    max_connections: '300',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // `synchronous_commit` stays on: then a killed server has handed every commit to the kernel and only a power cut loses it,
    // so that crash tests hold on the fast setting too.
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', data, '-p', String(port), ...flags]
  return { ...command(programs.postgres, args, programs), readyWhen: 'database system is ready to accept connections' }
}

function command(program: string, args: readonly string[], programs: PostgresPrograms): Command {
  return {
    program,
    args,
    // Nothing of ours: a PGPORT or PGDATA in the caller's environment must not reach it. Its messages must stay English,
    // since we look for one.
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    cwd: '/',
    account: programs.account,
    readyWhen: null,
    // "Immediate": the data are about to be removed, so there is nothing to flush.
    stopSignal: 'SIGQUIT',
  }
}
