import { None } from 'openid-client'
import { type GuardedFetch, guardedFetch } from './access/guarded-fetch.ts'
import { openOutgoing } from './access/outgoing.ts'
import { discover } from './access/published.ts'
import type { Config } from './config.ts'
import type { Examined } from './doctor.ts'

/** Looks whether the identity provider and the maker of tokens answer, and publish keys. A key always opens a door. */
export async function examineDoors({ signIn, tokens, webhookAllow }: Config): Promise<Examined[]> {
  const outgoing = openOutgoing(webhookAllow)
  const fetch = guardedFetch(outgoing)
  try {
    return [
      signIn ? await examineIssuer('sign-in', signIn, fetch) : ok('sign-in', 'off: OIDC_ISSUER is not set'),
      tokens ? await examineIssuer('tokens', tokens, fetch) : ok('tokens', 'off: OAUTH_ISSUER is not set; API keys only'),
    ]
  } finally {
    outgoing.close()
  }
}

async function examineIssuer(
  part: string,
  { issuer, insecure }: { issuer: URL; insecure: boolean },
  fetch: GuardedFetch,
): Promise<Examined> {
  const bad = (detail: string): Examined => ({ mark: 'FAULT', part, detail })
  try {
    const found = await discover({ issuer, clientId: 'doctor', insecure, authentication: None() }, fetch)
    const { jwks_uri: uri } = found.serverMetadata()
    if (uri === undefined) return bad('the issuer publishes no keys (jwks_uri): nothing it signs could be checked')
    const { status } = await fetch(uri, { method: 'GET', headers: {} })
    return status === 200 ? ok(part, 'the issuer and its keys answer') : bad(`the issuer's keys answer ${status}`)
  } catch {
    return bad(
      'the issuer does not answer, or is not the one that is set. Is it right, reachable from here, and not behind a private address?',
    )
  }
}

const ok = (part: string, detail: string): Examined => ({ mark: 'ok   ', part, detail })
