import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Clock } from '../words/clock.ts'
import type { GuardedFetch } from './guarded-fetch.ts'
import { discover, isAway, openPublished, type Published } from './published.ts'
import type { SignInSettings } from './sign-in-settings.ts'

/** What the browser carries, sealed, while its person is at the identity provider. */
export interface Carried {
  state: string
  nonce: string
  verifier: string
  /** The path of ours to go to afterwards. */
  to: string
  /** The agency wished for; null where the roles say. */
  agency: string | null
}

/** Who signed in, as the provider's signed answer says. */
export interface Claims {
  issuer: string
  subject: string
  /** The provider's own session, by which it may tell us that it has ended. */
  providerSession: string | null
  name: string | null
  /** Not yet looked at. */
  roles: unknown
}

/** How an answer of the provider was judged. `why` is a stable code, never the provider's own sentence. */
export type Finished = { kind: 'signed in'; claims: Claims } | { kind: 'refused'; why: string } | { kind: 'away' }

export interface IdentityProvider {
  /** Where to send the browser, and what it must bring back. @throws CannotBeReached */
  begin: (to: string, agency: string | null) => Promise<{ url: URL; carried: Carried }>
  /** Judges what the browser brought back. */
  finish: (query: URLSearchParams, carried: Carried) => Promise<Finished>
  published: Published
}

const CODES = /^[A-Za-z0-9_]{1,60}$/

/**
 * OpenID Connect's authorization code flow with PKCE. The library checks state, nonce, signature, issuer, audience and expiry;
 * nothing is asked of the provider before somebody signs in, so that its absence stops nobody else.
 */
export function openIdentityProvider(settings: SignInSettings, fetch: GuardedFetch, now: Clock): IdentityProvider {
  const { issuer, clientId, clientSecret, insecure } = settings
  const authentication = clientSecret === null ? None() : bySecret(clientSecret)
  const published = openPublished(() => discover({ issuer, clientId, insecure, authentication }, fetch), now)
  const redirectUri = new URL('/sign-in/callback', settings.publicUrl).href

  async function finish(query: URLSearchParams, carried: Carried): Promise<Finished> {
    try {
      const back = new URL(`${redirectUri}?${query}`)
      const tokens = await authorizationCodeGrant(await published.configuration(), back, {
        pkceCodeVerifier: carried.verifier,
        expectedState: carried.state,
        expectedNonce: carried.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) return { kind: 'refused', why: 'no_id_token' }
      return { kind: 'signed in', claims: claimsOf(claims, settings.rolesClaim) }
    } catch (fault) {
      if (!isAway(fault)) return { kind: 'refused', why: codeOf(fault) }
      published.failed()
      return { kind: 'away' }
    }
  }

  return {
    begin: async (to, agency) => {
      const configuration = await published.configuration()
      const carried = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to, agency }
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state: carried.state,
        nonce: carried.nonce,
        code_challenge: await calculatePKCECodeChallenge(carried.verifier),
        code_challenge_method: 'S256',
      })
      return { url, carried }
    },
    finish,
    published,
  }
}

/** The way that OpenID Connect takes where a provider says nothing, unless it says that it knows the other alone. */
function bySecret(secret: string): ClientAuth {
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const authenticate = methods.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret)
    return authenticate(server, client, body, headers)
  }
}

function claimsOf(claims: { iss: string; sub: string; [name: string]: unknown }, rolesClaim: string): Claims {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 200) : null)
  return {
    issuer: claims.iss,
    subject: claims.sub,
    providerSession: text(claims.sid),
    name: text(claims.name) ?? text(claims.preferred_username),
    roles: Object.hasOwn(claims, rolesClaim) ? claims[rolesClaim] : undefined,
  }
}

/** A code for a log and a problem: the provider's own `error`, or the library's. Nothing else it said is repeated. */
function codeOf(fault: unknown): string {
  const said =
    fault instanceof AuthorizationResponseError || fault instanceof ResponseBodyError
      ? fault.error
      : fault instanceof Error && 'code' in fault
        ? String(fault.code)
        : ''
  return CODES.test(said) ? said : 'not_understood'
}
