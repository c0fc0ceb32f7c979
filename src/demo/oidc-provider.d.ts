/** As much of `oidc-provider`, which brings no types, as the pretend identity provider uses. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  /** What the library keeps between two requests. */
  export interface Adapter {
    upsert: (id: string, payload: Payload, expiresIn: number) => Promise<void>
    find: (id: string) => Promise<Payload | undefined>
    findByUid: (uid: string) => Promise<Payload | undefined>
    findByUserCode: (code: string) => Promise<Payload | undefined>
    consume: (id: string) => Promise<void>
    destroy: (id: string) => Promise<void>
    revokeByGrantId: (grantId: string) => Promise<void>
  }
  export interface Payload {
    uid?: string
    grantId?: string
    consumed?: number
    [name: string]: unknown
  }
  export interface Grant {
    addOIDCScope: (scope: string) => void
    save: () => Promise<string>
  }
  export interface Context {
    oidc: {
      client: { clientId: string }
      session: { accountId: string; sidFor: (clientId: string) => string }
      params: { grant_type?: string }
    }
  }
  export interface Account {
    accountId: string
    claims: () => Promise<Record<string, unknown>>
  }
  export interface Configuration {
    adapter: (model: string) => Adapter
    clients: Record<string, unknown>[]
    claims: Record<string, string[]>
    conformIdTokenClaims: boolean
    cookies: { keys: string[] }
    extraTokenClaims: (ctx: Context, token: { clientId: string }) => Record<string, unknown>
    features: Record<string, unknown>
    findAccount: (ctx: Context, subject: string) => Promise<Account | undefined>
    interactions: { url: (ctx: Context, interaction: { uid: string }) => string }
    jwks: { keys: Record<string, unknown>[] }
    loadExistingGrant: (ctx: Context) => Promise<Grant>
    scopes: string[]
    ttl: Record<string, number>
  }
  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    Grant: new (of: {
      clientId: string
      accountId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string } },
    ): Promise<void>
    on(event: 'authorization.success', listener: (ctx: Context) => void): this
  }
}
