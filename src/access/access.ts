import type { FastifyRequest } from 'fastify'
import type { Db } from '../database/connection.ts'
import type { Clock } from '../words/clock.ts'
import { findClient, hashOfKey } from './keys-store.ts'
import { missingScope, notAuthenticated } from './problems.ts'
import type { Client, Scope } from './scopes.ts'

/** How long a process remembers who holds a key: what a revoked key can still do is bounded by it. */
const REMEMBERED_MS = 5_000
const REMEMBERED_MAX = 10_000

/** Who is calling and whether they may. Made once by `web.ts` and handed to every room's routes. */
export interface Access {
  /** For a route's `onRequest`: refuses before the body is read, 401 without a living key and 403 without the scope. */
  demand: (scope: Scope) => (request: FastifyRequest) => Promise<void>
  /** Who `demand` let in. */
  clientOf: (request: FastifyRequest) => Client
}

export function openAccess(db: Db, now: Clock): Access {
  const clients = new WeakMap<FastifyRequest, Client>()
  const remembered = new Map<string, { client: Client; until: Temporal.Instant }>()

  async function clientFor(presented: string): Promise<Client> {
    const at = now()
    const hash = hashOfKey(presented)
    const name = hash.toString('base64')
    const known = remembered.get(name)
    if (known && Temporal.Instant.compare(at, known.until) < 0) return known.client
    const client = await findClient(db, hash)
    if (!client) {
      remembered.delete(name)
      throw notAuthenticated('The key is not known, or was revoked')
    }
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(name, { client, until: at.add({ milliseconds: REMEMBERED_MS }) })
    return client
  }

  return {
    demand: (scope) => async (request) => {
      const [, presented] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? []
      if (!presented) throw notAuthenticated('Send Authorization: Bearer with an API key')
      const client = await clientFor(presented)
      if (!client.scopes.includes(scope)) throw missingScope(scope)
      clients.set(request, client)
    },
    clientOf: (request) => {
      const client = clients.get(request)
      if (!client) throw new Error(`The route ${request.routeOptions.url} does not demand a scope`)
      return client
    },
  }
}
