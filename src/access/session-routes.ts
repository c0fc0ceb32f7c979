import { z } from 'zod'
import type { Access } from './access.ts'
import type { App } from './app.ts'
import { notFound, refusals } from './problems.ts'
import type { SignIn } from './sign-in.ts'
import { signInIsOff } from './sign-in-routes.ts'

const TAG = 'Signing in'

const listedBody = z
  .object({
    id: z.string().describe('ses_…'),
    person: z.string().describe('The actor of what they do here'),
    name: z.string().nullable().describe('As the identity provider gave it'),
    agency: z.string(),
    scopes: z.array(z.string()),
    desks: z.array(z.string()),
    signedInAt: z.string(),
    seenAt: z.string().describe('To the minute'),
    endsAt: z.string(),
  })
  .meta({ id: 'Session' })

const isSession = (id: string): id is `ses_${string}` => id.startsWith('ses_')

/** Who is signed in, and ending that: a supervisor for their own agency, the operator’s for every agency. */
export function sessionRoutes(app: App, { access, signIn }: { access: Access; signIn: SignIn | null }): void {
  const onRequest = access.demand('desk:supervise')
  const on = () => {
    if (!signIn) throw signInIsOff()
    return signIn.sessions
  }
  app.get(
    '/v1/sessions',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Who is signed in, newest first',
        response: { 200: z.object({ sessions: z.array(listedBody) }), ...refusals },
      },
    },
    async (request) => {
      const sessions = on()
      const listed = await sessions.list(access.clientOf(request))
      return {
        sessions: listed.map((session) => ({
          id: session.id,
          person: session.person,
          name: sessions.nameOf(session),
          agency: session.agency,
          scopes: [...session.scopes],
          desks: [...session.desks],
          signedInAt: session.startedAt.toString(),
          seenAt: session.seenAt.toString(),
          endsAt: session.endsAt.toString(),
        })),
      }
    },
  )
  app.delete(
    '/v1/sessions/:id',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'End somebody’s session',
        description: 'Their next request is refused.',
        params: z.object({ id: z.string().describe('ses_…') }),
        response: { 204: z.null().describe('It has ended'), ...refusals },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const ended = isSession(id) && (await on().revoke(access.clientOf(request), id))
      if (!ended) throw notFound('session')
      return reply.code(204).send(null)
    },
  )
}
