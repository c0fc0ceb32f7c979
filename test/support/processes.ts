import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { freePort } from '../../src/underneath/free-port.ts'
import { superviseProcess } from '../../src/underneath/supervised-process.ts'
import { waitFor } from './wait-for.ts'

/** The program as production runs it: a process of its own, which a test may kill. */
export type DaymarkProcess = {
  /** Where it answers; of a worker, where it would. */
  readonly url: string
  /** All it has logged so far, oldest line first. */
  readonly log: readonly string[]
  pid(): number
  /** Pulls the plug, between any two effects. */
  kill9(): Promise<void>
  /** Asks it to finish what it holds and leave, as a deployment does. */
  stop(): Promise<void>
  /** Runs the same again, at the same address, and waits until it is ready. */
  restart(): Promise<void>
}

/** What the program is given. Nothing of the caller's own environment reaches it. */
export type Settings = Readonly<Record<string, string>>

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** How long a cold start may take on a busy machine, in milliseconds. */
const READY_WITHIN_MS = 20_000

const started: DaymarkProcess[] = []

// Here and not in the functions below: a hook registered from inside a hook never runs.
afterAll(async () => {
  await Promise.all(started.splice(0).map((process) => process.stop()))
})

/** Starts the API and waits until its readiness says 200. */
export function startServe(settings: Settings): Promise<DaymarkProcess> {
  return startDaymark('serve', settings, async ({ url }) => {
    // Refused while it starts, which is what we wait to see the end of.
    const answer = await fetch(`${url}/health/readiness`).catch(() => null)
    return answer?.status === 200
  })
}

/** Starts a worker and waits until it says in its log that it works: it has no port to ask. Its LOG_LEVEL must tell `info`. */
export function startWorker(settings: Settings): Promise<DaymarkProcess> {
  return startDaymark('worker', settings, ({ log }) => log.some((line) => line.includes('"msg":"working"')))
}

async function startDaymark(
  command: 'serve' | 'worker',
  settings: Settings,
  isReady: (process: DaymarkProcess) => boolean | Promise<boolean>,
): Promise<DaymarkProcess> {
  const log: string[] = []
  const supervised = superviseProcess(null, (line) => void log.push(line))
  const port = await freePort()
  const run = async () => {
    log.length = 0
    await supervised.serve({
      program: process.execPath,
      args: ['src/main.ts', command],
      env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: String(port), ...settings },
      cwd: ROOT,
      account: null,
      readyWhen: null,
      stopSignal: 'SIGTERM',
    })
    await waitFor(`\`${command}\` is ready`, () => endedOrReady(), READY_WITHIN_MS)
  }
  const endedOrReady = async () => {
    if (supervised.pid() === 0) throw new Error(`\`${command}\` ended before it was ready. It said:\n${log.join('\n')}`)
    return isReady(daymark)
  }
  const daymark: DaymarkProcess = {
    url: `http://127.0.0.1:${port}`,
    log,
    pid: supervised.pid,
    kill9: () => supervised.kill('SIGKILL'),
    stop: supervised.stop,
    restart: run,
  }
  started.push(daymark)
  await run()
  return daymark
}
