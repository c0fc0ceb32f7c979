import { type Access, openAccess } from '../../src/access/access.ts'
import type { App } from '../../src/access/app.ts'
import { createKey } from '../../src/access/keys-store.ts'
import { type Scope, scopes } from '../../src/access/scopes.ts'
import { buildWeb } from '../../src/web.ts'
import type { Clock } from '../../src/words/clock.ts'
import type { OpenDatabase } from './stored-notification.ts'

/** An answer, read. */
export interface Answered {
  status: number
  body: Record<string, unknown>
  text: string
}

/** The API with one room's routes, as a client with a key would meet it, without a port. */
export async function aDoor(database: OpenDatabase, now: Clock, addRoutes: (app: App, access: Access) => void) {
  const access = openAccess(database.app.kysely, now)
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 10_000,
    version: '0.0.0',
    addRoutes: (app) => addRoutes(app, access),
  })
  await web.ready()
  return {
    web,
    /** A client of an agency; with every scope unless the test says which. */
    client: async (agency: string, granted: readonly Scope[] = scopes) => {
      const { id, key } = await createKey(database.owner.kysely, agency, granted, now())
      const send = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, body?: unknown): Promise<Answered> => {
        const lines = typeof body === 'string'
        const { statusCode, payload } = await web.inject({
          method,
          url,
          headers: {
            authorization: `Bearer ${key}`,
            ...(body === undefined ? {} : { 'content-type': lines ? 'application/x-ndjson' : 'application/json' }),
          },
          ...(body === undefined ? {} : { payload: lines ? body : JSON.stringify(body) }),
        })
        const isOne = payload.startsWith('{') && !payload.trim().includes('\n')
        return { status: statusCode, text: payload, body: isOne ? JSON.parse(payload) : {} }
      }
      return { id, send }
    },
    close: () => web.close(),
  }
}
