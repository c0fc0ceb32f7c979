import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose'
import type { Clock } from '../words/clock.ts'
import { CannotBeReached, type GuardedFetch } from './guarded-fetch.ts'
import { isAway, type Published, TOLERANCE_S } from './published.ts'

/** How a signed token was judged. */
export type Verified = { kind: 'verified'; claims: JWTPayload } | { kind: 'refused' } | { kind: 'away' }

/** Checks what an issuer signed: signature, issuer, audience, expiry. */
export type Verify = (token: string, audience: string, typ?: string) => Promise<Verified>

/** Signatures by a private key alone: with `none` anybody could sign, with HS256 whoever knows the public key. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
/** Keys are asked for again after this, so that one withdrawn is forgotten. */
const FRESH_MS = 600_000
/** While the issuer is away its last keys stand this long: a police system must not fall silent because a provider did. */
const STALE_MAX_MS = 24 * 3_600_000
/** Between two attempts to load keys, also those that a key id nobody knows sets off. */
const COOLDOWN_MS = 30_000
const WITHIN_MS = 5_000

/** An issuer's keys, and when they were loaded and last asked for. */
interface Held {
  uri: string
  keys: RemoteJWKSet
  loadedAt: Temporal.Instant | null
  triedAt: Temporal.Instant | null
}

/** Opens the check for one issuer. Its keys are loaded when the first token comes. */
export function openVerify(published: Published, fetch: GuardedFetch, now: Clock): Verify {
  let held: Held | null = null

  const ageMs = (since: Temporal.Instant | null) => (since ? now().epochMilliseconds - since.epochMilliseconds : Infinity)

  async function reload(holding: Held): Promise<void> {
    holding.triedAt = now()
    await holding.keys.reload()
    holding.loadedAt = now()
  }

  async function current(): Promise<{ issuer: string; holding: Held }> {
    const { issuer, jwks_uri: uri } = (await published.configuration()).serverMetadata()
    if (uri === undefined) throw new CannotBeReached('it publishes no keys')
    if (held?.uri !== uri) held = { uri, keys: keySet(uri, fetch), loadedAt: null, triedAt: null }
    if (ageMs(held.loadedAt) > STALE_MAX_MS) await reload(held)
    else if (ageMs(held.loadedAt) > FRESH_MS && ageMs(held.triedAt) > COOLDOWN_MS) reload(held).catch(published.failed)
    return { issuer, holding: held }
  }

  return async (token, audience, typ) => {
    const check = async () => {
      const { issuer, holding } = await current()
      const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: TOLERANCE_S, requiredClaims: ['exp'] }
      const checkOnce = () => jwtVerify(token, holding.keys, typ === undefined ? options : { ...options, typ })
      try {
        return await checkOnce()
      } catch (fault) {
        // A key that is not known yet may be new. It is looked for at most every half minute, whatever ids are made up.
        if (!(fault instanceof errors.JWKSNoMatchingKey) || ageMs(holding.triedAt) <= COOLDOWN_MS) throw fault
        await reload(holding)
        return await checkOnce()
      }
    }
    try {
      return { kind: 'verified', claims: (await check()).payload }
    } catch (fault) {
      if (!isAway(fault) && !keysAreAway(fault)) return { kind: 'refused' }
      published.failed()
      return { kind: 'away' }
    }
  }
}

function keySet(uri: string, fetch: GuardedFetch): RemoteJWKSet {
  // When to ask again is judged here, by our own clock: the library would refuse every token ten minutes after its issuer went away.
  return createRemoteJWKSet(new URL(uri), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    timeoutDuration: WITHIN_MS,
    [customFetch]: fetch,
  })
}

/** What the library says where keys could not be loaded, as apart from a token that is wrong. */
function keysAreAway(fault: unknown): boolean {
  if (fault instanceof errors.JWKSTimeout || fault instanceof errors.JWKSInvalid) return true
  return fault instanceof errors.JOSEError && fault.code === 'ERR_JOSE_GENERIC'
}
