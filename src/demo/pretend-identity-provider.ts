import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type Adapter, type Configuration, type Payload, Provider } from 'oidc-provider'

/** Somebody who can sign in at the pretend identity provider, by a click and without a password. */
export interface PretendPerson {
  subject: string
  name: string
  /** As a real provider gives them: `daymark:<agency>:<role>`. */
  roles: readonly string[]
}

/** A machine that can have a token made. */
export interface PretendMachine {
  clientId: string
  agency: string
  /** Of ours, space-separated as in OAuth. */
  scope: string
}

/** A real OpenID provider on the loopback, with invented people and no passwords. For tests and the demo. */
export interface PretendIdentityProvider {
  issuer: string
  /** `host:port`, to be let through the address guard. */
  host: string
  clientId: string
  clientSecret: string
  /** Whom a token must be made for. */
  audience: string
  /** Who can sign in; may change while it runs, as people come and go. */
  people: PretendPerson[]
  /** The provider's own session of whoever signed in last, as ID tokens name it (`sid`). */
  lastSession: () => string | null
  /** A token for a machine, as it would fetch it itself. */
  tokenFor: (machine: PretendMachine) => Promise<string>
  /** Signs anything as this provider would: a logout token, or something that is wrong on purpose. */
  sign: (claims: Record<string, unknown>, header?: { kid?: string; typ?: string }) => Promise<string>
  close: () => Promise<void>
}

export interface PretendWith {
  people: readonly PretendPerson[]
  machines?: readonly PretendMachine[]
  /** Where Daymark's own pages are: a browser is sent back there alone. */
  publicUrl: string
}

const CLIENT_ID = 'daymark'
const AUDIENCE = 'urn:daymark:api'
const SHIFT_S = 12 * 3600

/** Opens it on a free port. */
export async function openPretendIdentityProvider(options: PretendWith): Promise<PretendIdentityProvider> {
  const people = [...options.people]
  const signing = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(signing.privateKey)), kid: 'pretend-1', alg: 'RS256', use: 'sig' }
  const clientSecret = randomBytes(24).toString('base64url')
  let provider: Provider | null = null
  const server = createServer((request, response) => {
    if (!provider) response.writeHead(503).end()
    else if (request.url?.startsWith('/interaction/')) chooseWho(provider, people, request, response)
    else provider.callback()(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
  const host = `127.0.0.1:${address.port}`
  const issuer = `http://${host}`
  provider = new Provider(issuer, configurationFor({ ...options, people, clientSecret, jwk, grants: () => provider?.Grant }))
  let lastSession: string | null = null
  provider.on('authorization.success', ({ oidc }) => {
    lastSession = oidc.session.sidFor(CLIENT_ID)
  })
  return {
    issuer,
    host,
    clientId: CLIENT_ID,
    clientSecret,
    audience: AUDIENCE,
    people,
    lastSession: () => lastSession,
    tokenFor: async ({ clientId, scope }) => {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
      })
      const body: unknown = await answer.json()
      if (typeof body !== 'object' || body === null || !('access_token' in body))
        throw new Error(`No token was made: ${JSON.stringify(body)}`)
      return String(body.access_token)
    },
    sign: (claims, header = {}) =>
      new SignJWT({ iss: issuer, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'pretend-1', ...header })
        .sign(signing.privateKey),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Made extends PretendWith {
  clientSecret: string
  jwk: Record<string, unknown>
  grants: () => Provider['Grant'] | undefined
}

function configurationFor({ people, machines = [], publicUrl, clientSecret, jwk, grants }: Made): Configuration {
  const scopes = machines.flatMap(({ scope }) => scope.split(' ')).join(' ')
  const resource = { scope: scopes, audience: AUDIENCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }
  return {
    adapter: inMemory(),
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [`${publicUrl}/sign-in/callback`],
        backchannel_logout_uri: `${publicUrl}/sign-in/back-channel-logout`,
        backchannel_logout_session_required: true,
      },
      ...machines.map(({ clientId, scope }) => ({
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope,
      })),
    ],
    // Roles stand in the ID token, as the usual providers put them there.
    claims: { openid: ['sub', 'roles'], profile: ['name'] },
    conformIdTokenClaims: false,
    cookies: { keys: [clientSecret] },
    extraTokenClaims: (_ctx, { clientId }) => ({
      daymark_agency: machines.find((machine) => machine.clientId === clientId)?.agency,
    }),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx: { oidc: { params?: { grant_type?: string } } }) =>
          ctx.oidc.params?.grant_type === 'client_credentials' ? AUDIENCE : undefined,
        getResourceServerInfo: () => resource,
      },
    },
    findAccount: async (_ctx, subject) => {
      const person = people.find((one) => one.subject === subject)
      return person && { accountId: subject, claims: async () => ({ sub: subject, name: person.name, roles: [...person.roles] }) }
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [jwk] },
    // Nobody is asked whether Daymark may know who they are: their employer has said so.
    loadExistingGrant: async ({ oidc }) => {
      const Grant = grants()
      if (!Grant) throw new Error('The provider is not open yet')
      const grant = new Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
    scopes: ['openid', 'profile', ...scopes.split(' ').filter(Boolean)],
    ttl: { AccessToken: 300, ClientCredentials: 300, IdToken: 300, Interaction: 900, Session: SHIFT_S, Grant: SHIFT_S },
  }
}

/** The page where a real provider would ask for a password: here, everybody who could sign in. `?as=` is the click. */
function chooseWho(
  provider: Provider,
  people: readonly PretendPerson[],
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const as = new URL(request.url ?? '', 'http://pretend.invalid').searchParams.get('as')
  if (as !== null && people.some(({ subject }) => subject === as)) {
    provider
      .interactionFinished(request, response, { login: { accountId: as } })
      .catch(() => response.writeHead(400, { 'content-type': 'text/plain' }).end('Begin again at Daymark.'))
    return
  }
  const rows = people.map(
    ({ subject, name, roles }) =>
      `<li><a href="?as=${encodeURIComponent(subject)}">${escaped(name)}</a> ${escaped(roles.join(', '))}</li>`,
  )
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(
      `<!doctype html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1><p>A pretend identity provider: nobody here is real.</p><ul>${rows.join('')}</ul></html>`,
    )
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Everything is forgotten when the process ends. */
function inMemory(): (model: string) => Adapter {
  const kept = new Map<string, Payload>()
  return (model) => {
    const find = async (id: string) => kept.get(`${model} ${id}`)
    const first = async (matches: (payload: Payload) => boolean) =>
      [...kept].find(([name, payload]) => name.startsWith(`${model} `) && matches(payload))?.[1]
    return {
      upsert: async (id, payload) => void kept.set(`${model} ${id}`, payload),
      find,
      findByUid: (uid) => first((payload) => payload.uid === uid),
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const payload = await find(id)
        if (payload) payload.consumed = 1
      },
      destroy: async (id) => void kept.delete(`${model} ${id}`),
      revokeByGrantId: async (grantId) => {
        for (const [name, payload] of kept) if (payload.grantId === grantId) kept.delete(name)
      },
    }
  }
}
