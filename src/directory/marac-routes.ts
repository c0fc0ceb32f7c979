import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { keepsMaracs, writeMaracCase } from './marac-store.ts'
import { date, flags, flagsOf, identifier, name, type Registers, reference, writingAs } from './register-writing.ts'

const params = z.object({ id: reference().describe('The MARAC’s own number of the case') })

const person = () =>
  z.strictObject({
    givenNames: name(),
    familyName: name(),
    dateOfBirth: date().optional(),
    nhsNumber: identifier().optional(),
    pncId: identifier().optional(),
  })

const body = z
  .strictObject({
    victim: person(),
    suspect: person(),
    referredOn: date().describe('The day of the last referral; a repeat within twelve months is counted from it'),
    convenedOn: date().optional(),
  })
  .meta({ id: 'MaracCase' })

const answer = z.object({ id: z.string(), referredOn: z.string(), convenedOn: z.string().optional(), flags: flags() })

/** `PUT /v1/registers/marac/{id}`: a case that was referred to a MARAC, put whole (contract §7). */
export function maracRoutes(app: App, { access, database, keys, now }: Registers & { access: Access }): void {
  app.put(
    '/v1/registers/marac/:id',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Say that a victim and a suspect were referred to a MARAC',
        description:
          'Put whole, by an agency that stands in the directory as a MARAC, each its own cases, or by the operator. A later referral of the same two is put again, with its day.',
        params,
        body,
        response: { 200: answer, 201: answer, ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { id } = request.params
      const { victim, suspect, referredOn, convenedOn } = request.body
      const at = now()
      if (referredOn > at.toZonedDateTimeISO('Europe/London').toPlainDate().toString())
        throw badRequest([{ pointer: '/referredOn', code: 'in-the-future', detail: 'This day has not come yet' }])
      const { isNew } = await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsMaracs(trx))) throw notFound('register')
        const marac = { agency: client.agency, id, victim, suspect, referredOn, convenedOn }
        const written = await writeMaracCase(trx, keys, marac, at)
        const kind = written.isNew ? 'marac case added' : 'marac case changed'
        const detail = { id, referredOn, ...(convenedOn === undefined ? {} : { convenedOn }) }
        await appendAuditEvents(trx, at, [{ stream: `register:marac:${client.agency}`, kind, actor: client.id, detail }])
        return written
      })
      const flagged = [...flagsOf(victim, '/victim', keys), ...flagsOf(suspect, '/suspect', keys)]
      const convened = convenedOn === undefined ? {} : { convenedOn }
      return reply.code(isNew ? 201 : 200).send({ id, referredOn, ...convened, flags: flagged })
    },
  )
}
