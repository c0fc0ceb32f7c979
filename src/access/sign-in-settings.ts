import { isAllowed } from './outgoing.ts'

/** How people sign in: the operator's own identity provider. */
export interface SignInSettings {
  issuer: URL
  clientId: string
  /** Null for a public client: PKCE alone ties the answer to who asked. */
  clientSecret: string | null
  /** The claim of the ID token that lists roles. */
  rolesClaim: string
  /** Where browsers find us. */
  publicUrl: URL
  /** The issuer is called without HTTPS: in tests and the demo, and nowhere else. */
  insecure: boolean
}

/** Whose tokens machine clients may bring beside API keys (OAuth 2 client credentials). */
export interface TokenSettings {
  issuer: URL
  audience: string
  insecure: boolean
}

/** What the environment says of both. */
export interface SignInVariables {
  OIDC_ISSUER?: string | undefined
  OIDC_CLIENT_ID?: string | undefined
  OIDC_CLIENT_SECRET?: string | undefined
  OIDC_ROLES_CLAIM?: string | undefined
  OAUTH_ISSUER?: string | undefined
  OAUTH_AUDIENCE?: string | undefined
  DAYMARK_PUBLIC_URL?: string | undefined
}

/**
 * Reads how people sign in and whose tokens are taken. Without OIDC_ISSUER or OAUTH_ISSUER that part is off.
 * @param allowed `host:port` pairs that may be called without HTTPS
 * @returns every fault, each naming its setting and showing no value
 */
export function readSignInSettings(given: SignInVariables, allowed: ReadonlySet<string>) {
  const faults: string[] = []
  const issuerOf = (name: 'OIDC_ISSUER' | 'OAUTH_ISSUER') => {
    const text = given[name]
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : null
    if (text === undefined || (url && mayBeIssuer(url, allowed))) return url
    faults.push(`${name} must be an https:// URL without a query`)
    return null
  }
  const needs = (name: keyof SignInVariables, of: 'OIDC_ISSUER' | 'OAUTH_ISSUER', why: string) => {
    if (given[of] !== undefined && given[name] === undefined) faults.push(`${name} is missing: ${why}`)
    return given[name] ?? ''
  }
  const issuer = issuerOf('OIDC_ISSUER')
  const clientId = needs('OIDC_CLIENT_ID', 'OIDC_ISSUER', 'as the identity provider knows this service')
  const ours = needs('DAYMARK_PUBLIC_URL', 'OIDC_ISSUER', 'the identity provider sends people back there')
  // What it must look like is said by config.ts, for whoever else leads people there.
  const publicUrl = URL.canParse(ours) ? new URL(ours) : null
  const tokenIssuer = issuerOf('OAUTH_ISSUER')
  const audience = needs('OAUTH_AUDIENCE', 'OAUTH_ISSUER', 'a token made for another service must not open this one')
  // A person's ID token would open the machines' door.
  if (given.OAUTH_AUDIENCE !== undefined && given.OAUTH_AUDIENCE === given.OIDC_CLIENT_ID)
    faults.push('OAUTH_AUDIENCE must be another word than OIDC_CLIENT_ID')
  const signIn: SignInSettings | null =
    issuer && publicUrl && clientId !== ''
      ? {
          issuer,
          clientId,
          clientSecret: given.OIDC_CLIENT_SECRET ?? null,
          rolesClaim: given.OIDC_ROLES_CLAIM ?? 'roles',
          publicUrl,
          insecure: issuer.protocol === 'http:',
        }
      : null
  const tokens: TokenSettings | null =
    tokenIssuer && audience !== '' ? { issuer: tokenIssuer, audience, insecure: tokenIssuer.protocol === 'http:' } : null
  return { signIn, tokens, faults }
}

function mayBeIssuer(url: URL, allowed: ReadonlySet<string>): boolean {
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isAllowed(url, allowed))
}
