import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { openDoors } from '../../src/access/doors.ts'
import { sessionRoutes } from '../../src/access/session-routes.ts'
import { signInRoutes } from '../../src/access/sign-in-routes.ts'
import { readSignInSettings } from '../../src/access/sign-in-settings.ts'
import type { PretendIdentityProvider } from '../../src/demo/pretend-identity-provider.ts'
import { buildWeb } from '../../src/web.ts'
import type { Clock } from '../../src/words/clock.ts'
import { settingsFor } from './people.ts'
import type { OpenDatabase } from './stored-notification.ts'

/**
 * Every way in, listening at `publicUrl`, on a clock that the test moves; behind it one route that says who has come.
 * @param settings put over those that fit the provider
 */
export async function aPeopleDoor(
  database: OpenDatabase,
  at: { now: Clock; publicUrl: string; provider: PretendIdentityProvider; settings?: Record<string, string> },
) {
  const { now, publicUrl, provider } = at
  const allowed = new Set([provider.host, ...(at.settings?.ALSO_ALLOWED?.split(',') ?? [])])
  const { signIn, tokens, faults } = readSignInSettings({ ...settingsFor(provider, publicUrl), ...at.settings }, allowed)
  if (faults.length > 0) throw new Error(faults.join('; '))
  const doors = openDoors({ signIn, tokens, webhookAllow: allowed }, { database: database.app, keys: database.keys, now })
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 10_000,
    version: '0.0.0',
    addRoutes: (app) => {
      signInRoutes(app, { access: doors.access, signIn: doors.signIn })
      sessionRoutes(app, { access: doors.access, signIn: doors.signIn })
      const who = async (request: FastifyRequest) => {
        const { id, agency, scopes } = doors.access.clientOf(request)
        return { id, agency, scopes: [...scopes] }
      }
      const response = { 200: z.object({ id: z.string(), agency: z.string(), scopes: z.array(z.string()) }) }
      app.get('/who', { onRequest: doors.access.demand('audit:read'), schema: { response } }, who)
    },
  })
  const { hostname, port } = new URL(publicUrl)
  await web.listen({ host: hostname, port: Number(port) })
  return {
    doors,
    /** Where it listens, whatever it is told that its address is. */
    address: publicUrl,
    /** Who the API says is calling with this bearer, or the problem it answers. */
    who: async (bearer: string) => {
      const answer = await fetch(`${publicUrl}/who`, { headers: { authorization: `Bearer ${bearer}` } })
      const body: unknown = await answer.json()
      return { status: answer.status, body }
    },
    close: async () => {
      await web.close()
      doors.close()
    },
  }
}
