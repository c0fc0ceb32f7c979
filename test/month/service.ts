import { afterAll } from 'vitest'
import type { App } from '../../src/access/app.ts'
import { createKey } from '../../src/access/keys-store.ts'
import type { Scope } from '../../src/access/scopes.ts'
import { readConfig } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/database/connection.ts'
import { openServiceKeys } from '../../src/database/service-keys.ts'
import type { Doorbell } from '../../src/delivery/doorbell.ts'
import { passOver } from '../../src/delivery/due-loop.ts'
import { loadPacks } from '../../src/policy/load.ts'
import { serveBy } from '../../src/serve.ts'
import { openWork } from '../../src/work.ts'
import { POLICIES } from '../../src/worker.ts'
import { aClock, type MovableClock } from '../support/clock.ts'
import { aDatabase } from '../support/database.ts'

/** The whole service by a clock that the test moves: the API and the work of one worker, and no time that passes by itself. */
export interface MovedService {
  clock: MovableClock
  /** The API and the pages, for a browser. */
  app: App
  /** As the owner of the database, to look and to break things. */
  owner: Database
  client: (agency: string, scopes: readonly Scope[]) => Promise<Caller>
  /** Does everything that is due at this moment, and what becomes due by it. */
  work: () => Promise<void>
  /** What failed and is due again. */
  faults: () => number
}

export interface Answered {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what was answered, and says what it expects of it
  body: any
}

export type Caller = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answered>

/** Passes after which everything due is done; more would be a loop. */
const PASSES_MAX = 200

const stopping: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
})

/** @param more settings that only this test needs */
export async function aMovedService(
  start: string,
  webhookAllow: string,
  more: Readonly<Record<string, string>> = {},
): Promise<MovedService> {
  const { url, daymarkKeys } = await aDatabase()
  const settings = { DATABASE_URL: url, DAYMARK_KEYS: daymarkKeys, PORT: '0', LOG_LEVEL: 'silent', ...more }
  const config = readConfig({ ...settings, DAYMARK_REQUESTS_PER_SECOND: '1000000', DAYMARK_WEBHOOK_ALLOW: webhookAllow })
  const clock = aClock(start)
  const running = { now: clock.now, skewMs: () => 0, stop: () => {} }
  const serving = await serveBy(config, async () => running)
  stopping.push(serving.stop)
  const owner = openDatabase(url, null, 2)
  const worker = openDatabase(url, 'daymark_worker', 8)
  stopping.push(worker.close, owner.close)
  let faults = 0
  const failed = () => {
    faults += 1
  }
  const { sources, close } = openWork({
    config,
    database: worker,
    keys: { ring: config.keyRing, service: await openServiceKeys(worker.kysely, config.keyRing) },
    packs: await loadPacks(POLICIES),
    now: clock.now,
    wall: () => Temporal.Now.instant(),
    bells: { triage: noBell, delivery: noBell },
    failed,
    faulted: () => failed,
  })
  stopping.push(close)
  return {
    clock,
    app: serving.app,
    owner,
    faults: () => faults,
    client: async (agency, scopes) => {
      const { key } = await createKey(owner.kysely, agency, scopes, clock.now())
      return async (method, path, body, headers = {}) => {
        const json =
          body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' }
        const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
        const answer = await serving.app.inject({
          method,
          url: path,
          headers: { authorization: `Bearer ${key}`, ...json, ...headers },
          ...(payload === undefined ? {} : { payload }),
        })
        const isJson = /[/+]json(;|$)/.test(String(answer.headers['content-type'] ?? ''))
        return { status: answer.statusCode, body: isJson && answer.body !== '' ? answer.json() : answer.body }
      }
    },
    work: async () => {
      const passes = sources.map((source) => passOver(source, failed))
      // Quiet twice: what one source did last, another may have to go on with.
      for (let pass = 0, quiet = 0; quiet < 2; pass += 1) {
        if (pass === PASSES_MAX) throw new Error(`Something is due again and again at ${clock.now()}`)
        // Side by side, as the due loop looks at them.
        const busy = await Promise.all(
          passes.map(async (one) => {
            const found = await one.once(clock.now())
            await one.settled()
            return found
          }),
        )
        quiet = busy.includes(true) ? 0 : quiet + 1
      }
    },
  }
}

/** Nobody rings: what is due is found by looking, as where the queue is away. */
const noBell: Doorbell = {
  ring: () => {},
  ringAndTell: async () => false,
  forgot: async () => false,
  answers: async () => true,
  dropped: () => 0,
  close: async () => {},
}
