import type { JWTPayload } from 'jose'
import { None } from 'openid-client'
import { hmac } from '../database/sealing.ts'
import type { Clock } from '../words/clock.ts'
import type { GuardedFetch } from './guarded-fetch.ts'
import { discover, openPublished } from './published.ts'
import { type Client, scopes } from './scopes.ts'
import type { TokenSettings } from './sign-in-settings.ts'
import { openVerify } from './signed-tokens.ts'

/** Machine clients that bring a token of the operator's authorisation server instead of an API key. */
export interface TokenClients {
  /** Who holds this token; null where it is not good, and `away` where its keys cannot be asked for. */
  clientOf: (token: string) => Promise<Client | 'away' | null>
  /** Whether the authorisation server answered when it was last asked. */
  answers: () => boolean
}

/** The claim that names the agency a client acts for. */
export const AGENCY_CLAIM = 'daymark_agency'
const TOKEN_CHARACTERS_MAX = 8 * 1024
const AGENCY = /^[A-Za-z0-9][\w.-]{0,99}$/

/** Whether a bearer token has the form of a JWT; our own keys never have. */
export function looksSigned(presented: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(presented)
}

/** Opens the door for OAuth 2 client credentials: access tokens in the form of JWTs (RFC 9068), made for this service. */
export function openTokenClients(settings: TokenSettings, fetch: GuardedFetch, with_: { key: Buffer; now: Clock }): TokenClients {
  const { issuer, audience, insecure } = settings
  const at = { issuer, clientId: audience, insecure, authentication: None() }
  const published = openPublished(() => discover(at, fetch), with_.now)
  const verify = openVerify(published, fetch, with_.now)
  return {
    clientOf: async (token) => {
      if (token.length > TOKEN_CHARACTERS_MAX) return null
      const verified = await verify(token, audience)
      if (verified.kind === 'away') return 'away'
      return verified.kind === 'verified' ? toClient(verified.claims, with_.key) : null
    },
    answers: published.answers,
  }
}

/** Its scopes are ours among those the token names; it may sit at every desk of its agency, as a key may. */
function toClient(claims: JWTPayload, key: Buffer): Client | null {
  const agency = claims[AGENCY_CLAIM]
  const holder = claims.sub ?? claims.client_id
  if (typeof agency !== 'string' || !AGENCY.test(agency) || typeof holder !== 'string') return null
  const { scope } = claims
  const named = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : []
  return {
    id: `token:${keyedName(key, 'token', [claims.iss ?? '', holder])}`,
    agency,
    scopes: scopes.filter((one) => named.includes(one)),
    desks: null,
  }
}

/** A name for somebody that is always the same, and from which nobody learns who it is without the service's key. */
export function keyedName(key: Buffer, kind: 'person' | 'token', parts: readonly string[]): string {
  return hmac(key, JSON.stringify([kind, ...parts]))
    .subarray(0, 16)
    .toString('base64url')
}
