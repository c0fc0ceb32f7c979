import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, conflict, notFound, refusals } from '../access/problems.ts'
import { services } from '../words/recipient.ts'
import { logReferral } from './log-telephone-referral.ts'
import { telephonedBody } from './notification-bodies.ts'
import type { Intake } from './receive-notification.ts'

/** A referral made by telephone is logged (contract §1); the area's procedure says by when it is confirmed in writing. */
export function telephoneRoutes(app: App, deps: Intake & { access: Access }): void {
  const { access } = deps
  app.post(
    '/v1/notifications/:id/telephone-referrals',
    {
      onRequest: access.demand('notifications:write'),
      schema: {
        tags: ['Notifications'],
        summary: 'Log a referral made by telephone',
        description:
          'Where the procedure wants it confirmed in writing, the referral that is sent does so by that time, or a desk is asked to. The same call again is answered the same.',
        params: z.object({ id: z.string().describe('ntf_…') }),
        body: z.strictObject({
          service: z.enum(services),
          spokenTo: z.string().trim().min(1, 'Say who was spoken to').max(200).describe('Kept sealed'),
          at: z.iso.datetime({ offset: true, error: 'Write an RFC 3339 date and time with its offset' }).describe('When'),
        }),
        response: { 201: telephonedBody, ...refusals },
      },
    },
    async (request, reply) => {
      const { service, spokenTo, at } = request.body
      const called = Temporal.Instant.from(at).round('millisecond')
      const call = { service, spokenTo, at: called }
      const logged = await logReferral(deps, access.clientOf(request), request.params.id, call)
      if (logged === 'no such notification') throw notFound('notification')
      if (logged === 'in the future')
        throw badRequest([{ pointer: '/at', code: 'in-the-future', detail: 'The call lies in the future' }])
      if (logged === 'not the living version')
        throw conflict('not-the-newest', 'Log it on the newest version; this one is superseded, withdrawn or erased')
      return reply.code(201).send({ notification: request.params.id, service, at: called.toString() })
    },
  )
}
