import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Access } from './access.ts'
import type { App } from './app.ts'
import { comesFromUs, ownPath } from './browser.ts'
import { badRequest, fromElsewhere, notAuthenticated, Problem, providerAway, refusals } from './problems.ts'
import { isAway } from './published.ts'
import { IDLE_MS } from './sessions.ts'
import type { SignIn } from './sign-in.ts'
import type { Refusal } from './start-session.ts'

const TAG = 'Signing in'
const FORM = 'application/x-www-form-urlencoded'
const TOKEN_CHARACTERS_MAX = 8 * 1024
/** Where a person goes who did not say. */
const HOME = '/sign-in/me'

const personBody = z
  .object({
    session: z.string().describe('ses_…'),
    id: z.string().describe('The actor of all that you do here; a keyed hash, and nobody’s name'),
    name: z.string().nullable().describe('As the identity provider gave it'),
    agency: z.string(),
    scopes: z.array(z.string()),
    desks: z.array(z.string()),
    signedInAt: z.string(),
    expires: z.object({ ifIdle: z.string(), atTheLatest: z.string() }),
  })
  .meta({ id: 'SignedIn' })

/** A redirect has no body. */
const redirected = z.null()

/** What these routes stand on; `signIn` is null where no identity provider is set. */
export interface SignInRoom {
  access: Access
  signIn: SignIn | null
}

/** Signing in and out (OpenID Connect, authorization code with PKCE). They demand no scope: who comes is not known yet. */
export function signInRoutes(app: App, { access, signIn }: SignInRoom): void {
  const on = () => {
    if (!signIn) throw signInIsOff()
    return signIn
  }
  const schema = { tags: [TAG], security: [] }
  beginRoute(app, on)
  callbackRoute(app, on)
  app.get(
    '/sign-in/me',
    { schema: { ...schema, security: [{ session: [] }], summary: 'Who am I?', response: { 200: personBody, ...refusals } } },
    async (request) => {
      const { sessions } = on()
      const signedIn = await access.signedIn(request)
      if (!signedIn) throw notAuthenticated('Nobody is signed in here, or not any more: GET /sign-in')
      const { client, session, at } = signedIn
      const idle = at.add({ milliseconds: IDLE_MS })
      return {
        session: session.id,
        id: client.id,
        name: sessions.nameOf(session),
        agency: client.agency,
        scopes: [...client.scopes],
        desks: [...session.desks],
        signedInAt: session.startedAt.toString(),
        expires: {
          ifIdle: (Temporal.Instant.compare(idle, session.endsAt) < 0 ? idle : session.endsAt).toString(),
          atTheLatest: session.endsAt.toString(),
        },
      }
    },
  )
  // Only here is a form understood: a browser signs out by one, and a provider tells of a logout by one.
  app.register(async (inner) => {
    const forms: App = inner.withTypeProvider<ZodTypeProvider>()
    if (!forms.hasContentTypeParser(FORM))
      forms.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) =>
        done(null, Object.fromEntries(new URLSearchParams(String(body)))),
      )
    signOutRoute(forms, on)
    logoutRoute(forms, on)
  })
}

function beginRoute(app: App, on: () => SignIn): void {
  app.get(
    '/sign-in',
    {
      schema: {
        tags: [TAG],
        security: [],
        summary: 'Sign in',
        description: 'Sends the browser to the identity provider, and afterwards to `to`.',
        querystring: z.strictObject({
          to: z.string().max(500).default(HOME).describe('A path of this service'),
          agency: z.string().max(100).optional().describe('Needed by whoever has roles in several'),
        }),
        response: { 302: redirected.describe('To the identity provider'), ...refusals },
      },
    },
    async (request, reply) => {
      const signIn = on()
      const to = ownPath(request.query.to, signIn.publicUrl)
      if (to === null) {
        const detail = 'Give a path of this service, which begins with one slash'
        throw badRequest([{ pointer: '/to', code: 'not-our-path', detail }])
      }
      const url = await signIn.begin(reply, to, request.query.agency ?? null).catch((fault) => {
        throw isAway(fault) ? providerAway('The identity provider does not answer') : fault
      })
      return reply.redirect(url.href, 302)
    },
  )
}

function callbackRoute(app: App, on: () => SignIn): void {
  app.get(
    '/sign-in/callback',
    {
      schema: {
        tags: [TAG],
        security: [],
        summary: 'Where the identity provider sends the browser back',
        querystring: z.looseObject({}),
        response: { 303: redirected.describe('To where the person wanted to go'), ...refusals },
      },
    },
    async (request, reply) => {
      const signIn = on()
      const back = await signIn.finish(request, reply)
      if (back === 'not begun') throw notBegun()
      const { finished, carried } = back
      if (finished.kind === 'away') throw providerAway('The identity provider does not answer')
      if (finished.kind === 'refused') {
        request.log.warn({ why: finished.why, requestId: request.id }, 'an answer of the identity provider was not accepted')
        throw notAccepted(finished.why)
      }
      const started = await signIn.sessions.start(finished.claims, carried.agency, request, reply)
      if (started.kind === 'refused') throw noAccess(started.why)
      return reply.redirect(carried.to, 303)
    },
  )
}

function signOutRoute(app: App, on: () => SignIn): void {
  app.post(
    '/sign-out',
    {
      schema: {
        tags: [TAG],
        security: [],
        summary: 'Sign out',
        description: 'Ends the session here; the identity provider’s own goes on.',
        response: { 303: redirected.describe('To the start'), ...refusals },
      },
    },
    async (request, reply) => {
      const { sessions, publicUrl } = on()
      if (!comesFromUs(request, publicUrl)) throw fromElsewhere()
      await sessions.signOut(request, reply)
      return reply.redirect('/', 303)
    },
  )
}

function logoutRoute(app: App, on: () => SignIn): void {
  app.post(
    '/sign-in/back-channel-logout',
    {
      schema: {
        tags: [TAG],
        security: [],
        summary: 'The identity provider says that a session of its own has ended',
        description: 'OpenID Connect Back-Channel Logout 1.0: a form with `logout_token`, signed by the provider.',
        consumes: [FORM],
        body: z.looseObject({ logout_token: z.string().max(TOKEN_CHARACTERS_MAX) }),
        response: { 200: z.object({ ended: z.int().describe('Sessions of ours that ended with it') }), ...refusals },
      },
    },
    async (request) => {
      const signIn = on()
      const logout = await signIn.readLogout(request.body.logout_token)
      if (logout === 'away') throw providerAway('The keys of the identity provider cannot be asked for')
      if (!logout) {
        const detail = 'It is not a logout token that the identity provider signed for this service'
        throw badRequest([{ pointer: '/logout_token', code: 'not-a-logout', detail }])
      }
      return { ended: await signIn.sessions.endedAtProvider(logout) }
    },
  )
}

/** Signing in is not set up here. */
export const signInIsOff = () =>
  new Problem({
    status: 404,
    code: 'sign-in-off',
    title: 'Nobody can sign in here',
    detail: 'No identity provider is set (OIDC_ISSUER). Machine clients call with a key',
  })

const notBegun = () =>
  new Problem({
    status: 400,
    code: 'sign-in-not-begun',
    title: 'This sign-in was not begun in this browser, or too long ago',
    detail: 'Begin again at /sign-in',
  })

const notAccepted = (why: string) =>
  new Problem({
    status: 403,
    code: 'sign-in-not-accepted',
    title: 'The identity provider’s answer was not accepted',
    detail: `Begin again at /sign-in. If it stays, tell the operator: ${why}`,
  })

function noAccess(why: Refusal): Problem {
  switch (why) {
    case 'agency not known':
      return new Problem({
        status: 403,
        code: 'agency-not-known',
        title: 'Your roles name an agency that nobody here knows',
        detail: 'Ask whoever gives you roles to name agencies as the operator has set them up',
      })
    case 'role not known':
      return new Problem({
        status: 403,
        code: 'role-not-known',
        title: 'None of your roles at this agency is known here',
        detail: 'Ask whoever gives you roles: they are listed in docs/operations.md',
      })
    case 'several agencies':
      return new Problem({
        status: 403,
        code: 'several-agencies',
        title: 'You have roles in several agencies, and a session is for one',
        detail: 'Sign in at /sign-in?agency= and the one you act for now',
      })
    case 'no role here':
      return new Problem({
        status: 403,
        code: 'no-role-here',
        title: 'You have no role here, or none at that agency',
        detail: 'Ask whoever gives you roles',
      })
  }
}
