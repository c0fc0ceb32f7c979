import { afterAll } from 'vitest'
import { createKey } from '../../src/access/keys-store.ts'
import type { Scope } from '../../src/access/scopes.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/database/connection.ts'
import { type Serving, serve } from '../../src/serve.ts'
import { type Working, work } from '../../src/worker.ts'
import { aDatabase } from './database.ts'

/** The whole service, in this process, on a database of its own. */
export interface Daymark {
  url: string
  databaseUrl: string
  /** The environment it was started with, for a second process beside it. */
  settings: Record<string, string>
  /** A client of an agency, with a key of its own. */
  client: (agency: string, scopes: readonly Scope[]) => Promise<TestClient>
}

/** Calls the API as one agency. */
export interface TestClient {
  key: string
  get: (path: string, headers?: Record<string, string>) => Promise<Answered>
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answered>
  put: (path: string, body: unknown) => Promise<Answered>
  /** Sends bytes as they are. */
  send: (method: string, path: string, body: string | Buffer, headers?: Record<string, string>) => Promise<Answered>
}

export interface Answered {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what came over the wire, and says what it expects of it
  body: any
}

const running: (Serving | Working)[] = []
afterAll(async () => {
  // Newest first: a worker lets go before the API it rings for.
  for (const one of running.splice(0).reverse()) await one.stop()
})

const wall = () => Temporal.Now.instant()

/**
 * Starts the API and, unless told otherwise, a worker.
 * @param clock where the service's clock starts
 */
export async function aDaymark(
  options: {
    clock?: string
    redisUrl?: string | null
    webhookAllow?: string
    worker?: boolean
    /** Settings that only this test needs. */
    settings?: Record<string, string>
  } = {},
): Promise<Daymark> {
  const { url: databaseUrl, daymarkKeys } = await aDatabase()
  const settings: Record<string, string> = {
    DATABASE_URL: databaseUrl,
    DAYMARK_KEYS: daymarkKeys,
    PORT: '0',
    LOG_LEVEL: 'silent',
    DAYMARK_REQUESTS_PER_SECOND: '100000',
    ...(options.redisUrl ? { REDIS_URL: options.redisUrl } : {}),
    ...(options.clock ? { DAYMARK_CLOCK: options.clock, DAYMARK_TEST: '1' } : {}),
    ...(options.webhookAllow ? { DAYMARK_WEBHOOK_ALLOW: options.webhookAllow } : {}),
    ...options.settings,
  }
  const config = readConfig(settings)
  const serving = await serve(config, wall)
  running.push(serving)
  if (options.worker !== false) running.push(await work(config, wall))
  return {
    url: serving.url,
    databaseUrl,
    settings,
    client: (agency, scopes) => aClient(serving.url, databaseUrl, agency, scopes),
  }
}

/** A client of an agency, with a key of its own, that calls whichever API answers at `url`. */
export async function aClient(url: string, databaseUrl: string, agency: string, scopes: readonly Scope[]): Promise<TestClient> {
  const database = openDatabase(databaseUrl, null, 1)
  const { key } = await createKey(database.kysely, agency, scopes, wall())
  await database.close()
  const send: TestClient['send'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    })
    const text = await answer.text()
    const json = /[/+]json(;|$)/.test(answer.headers.get('content-type') ?? '')
    return { status: answer.status, headers: answer.headers, body: json && text !== '' ? JSON.parse(text) : text }
  }
  const json =
    (method: string) =>
    (path: string, body: unknown, headers: Record<string, string> = {}) =>
      send(method, path, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
  return { key, send, get: (path, headers) => send('GET', path, '', headers), post: json('POST'), put: json('PUT') }
}
