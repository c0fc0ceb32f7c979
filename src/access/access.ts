import type { FastifyRequest } from 'fastify'
import type { Db } from '../database/connection.ts'
import type { Clock } from '../words/clock.ts'
import { findClient, hashOfKey } from './keys-store.ts'
import { missingScope, notAuthenticated, tooManyRequests } from './problems.ts'
import type { Client, Scope } from './scopes.ts'

/** How long a process remembers who holds a key: what a revoked key can still do is bounded by it. */
const REMEMBERED_MS = 5_000
const REMEMBERED_MAX = 10_000
/** Unknown keys one address may try in a second; more are not looked up. */
const WRONG_KEYS_MAX = 20

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
  const wrongKeys = countsASecond(now)

  async function clientFor(presented: string, address: string): Promise<Client> {
    const at = now()
    const hash = hashOfKey(presented)
    const name = hash.toString('base64')
    const known = remembered.get(name)
    if (known && Temporal.Instant.compare(at, known.until) < 0) return known.client
    if (wrongKeys.of(address) >= WRONG_KEYS_MAX) throw tooManyRequests()
    const client = await findClient(db, hash)
    if (!client) {
      remembered.delete(name)
      wrongKeys.count(address)
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
      const client = await clientFor(presented, request.ip)
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

/** Counts by name, forgotten every second. */
function countsASecond(now: Clock) {
  const counts = new Map<string, number>()
  let second = 0
  const fresh = () => {
    const current = Math.floor(now().epochMilliseconds / 1000)
    if (current !== second) counts.clear()
    second = current
    return counts
  }
  return {
    of: (name: string) => fresh().get(name) ?? 0,
    count: (name: string) => void fresh().set(name, (counts.get(name) ?? 0) + 1),
  }
}
