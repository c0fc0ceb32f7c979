import type { FastifyRequest } from 'fastify'
import type { Db } from '../database/connection.ts'
import type { Clock } from '../words/clock.ts'
import { findClient, hashOfKey } from './keys-store.ts'
import { fromElsewhere, missingScope, notAuthenticated, providerAway, tooManyRequests } from './problems.ts'
import type { Client, Scope } from './scopes.ts'
import type { Sessions, SignedIn } from './sessions.ts'
import { looksSigned, type TokenClients } from './token-clients.ts'

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
  /** The person whose browser is calling, whatever they may do; null where nobody is signed in, or not any more. */
  signedIn: (request: FastifyRequest) => Promise<SignedIn | null>
}

/** Who may come in beside the holders of API keys; null, or left out, where that is not set up. */
export interface OtherDoors {
  sessions?: Sessions | null
  tokens?: TokenClients | null
}

export function openAccess(db: Db, now: Clock, { sessions = null, tokens = null }: OtherDoors = {}): Access {
  const clients = new WeakMap<FastifyRequest, Client>()
  const remembered = new Map<string, { client: Client; until: Temporal.Instant }>()
  const wrongKeys = countsASecond(now)

  /** Looks somebody up, unless their address has lately presented too much that was wrong. */
  async function lookUp(address: string, find: () => Promise<Client | null>, wrong: string): Promise<Client> {
    if (wrongKeys.of(address) >= WRONG_KEYS_MAX) throw tooManyRequests()
    const client = await find()
    if (client) return client
    wrongKeys.count(address)
    throw notAuthenticated(wrong)
  }

  async function holderOfKey(presented: string, address: string): Promise<Client> {
    const at = now()
    const hash = hashOfKey(presented)
    const name = hash.toString('base64')
    const known = remembered.get(name)
    if (known && Temporal.Instant.compare(at, known.until) < 0) return known.client
    remembered.delete(name)
    const client = await lookUp(address, () => findClient(db, hash), 'The key is not known, or was revoked')
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(name, { client, until: at.add({ milliseconds: REMEMBERED_MS }) })
    return client
  }

  function holderOfToken(by: TokenClients, presented: string, address: string): Promise<Client> {
    const find = async () => {
      const client = await by.clientOf(presented)
      if (client !== 'away') return client
      // Made-up tokens must not be free while nobody can say that they are.
      wrongKeys.count(address)
      throw providerAway('The keys that tokens are signed with cannot be asked for')
    }
    return lookUp(address, find, 'The token is not good: its signature, issuer, audience, time or agency')
  }

  /** A person's browser. Nothing is remembered: a session that was ended a moment ago is refused now. */
  function person(by: Sessions, request: FastifyRequest): Promise<Client> {
    const find = async () => {
      const recognised = await by.recognise(request)
      if (recognised === 'from elsewhere') throw fromElsewhere()
      return typeof recognised === 'string' ? null : recognised.client
    }
    return lookUp(request.ip, find, 'The session has ended: sign in again')
  }

  function whoIs(request: FastifyRequest): Promise<Client> {
    const { authorization } = request.headers
    if (authorization === undefined && sessions?.isPresent(request)) return person(sessions, request)
    const [, presented] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? []
    if (!presented) throw notAuthenticated(`Send Authorization: Bearer with an API key${sessions ? ', or sign in' : ''}`)
    return tokens && looksSigned(presented) ? holderOfToken(tokens, presented, request.ip) : holderOfKey(presented, request.ip)
  }

  return {
    demand: (scope) => async (request) => {
      const client = await whoIs(request)
      if (!client.scopes.includes(scope)) throw missingScope(scope)
      clients.set(request, client)
    },
    signedIn: async (request) => {
      const recognised = sessions ? await sessions.recognise(request) : 'no session'
      return typeof recognised === 'string' ? null : recognised
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
