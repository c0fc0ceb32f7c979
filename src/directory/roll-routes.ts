import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound, refusals } from '../access/problems.ts'
import { instantText } from '../access/times.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import {
  date,
  firstFlags,
  flags,
  flagsOf,
  identifier,
  name,
  newerKept,
  notAhead,
  type Registers,
  writingAs,
} from './register-writing.ts'
import { keepsRollOf, writeRoll } from './roll-store.ts'

/** As many as the largest colleges have; the body's own limit may come first. */
const PUPILS_MAX = 10_000

const params = z.object({ urn: z.string().regex(/^\d{6}$/, 'Write the URN as six digits') })

const body = z
  .strictObject({
    asOf: instantText().describe('When the school said so; 30 days later it reads as unknown'),
    pupils: z
      .array(
        z.strictObject({
          givenNames: name(),
          familyName: name(),
          dateOfBirth: date().optional(),
          upn: identifier().optional(),
        }),
      )
      .max(PUPILS_MAX),
  })
  .meta({ id: 'Roll' })

const answer = z.object({ urn: z.string(), asOf: z.string(), pupils: z.int(), flags: flags() })

/** `PUT /v1/registers/pupils/{urn}`: a school's roll, replaced whole (contract §7). */
export function rollRoutes(app: App, { access, database, keys, now }: Registers & { access: Access }): void {
  app.put(
    '/v1/registers/pupils/:urn',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Say who is on roll at a school',
        description:
          'Put whole, by that school or the operator. Whoever is not on it any more is not on roll. A roll that is older than the one kept is refused (409 `newer-kept`).',
        params,
        body,
        response: { 200: answer, 201: answer, ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { urn } = request.params
      const { pupils } = request.body
      const at = now()
      const asOf = notAhead(request.body.asOf, at, '/asOf')
      const isNew = await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsRollOf(trx, urn))) throw notFound('register')
        const written = await writeRoll(trx, keys, { urn, asOf, pupils }, at)
        if (written.kind === 'newer kept') throw newerKept(written.asOf)
        const kind = written.kind === 'added' ? 'roll added' : 'roll replaced'
        const detail = { urn, pupils: pupils.length, asOf: asOf.toString() }
        await appendAuditEvents(trx, at, [{ stream: `register:school:${urn}`, kind, actor: client.id, detail }])
        return written.kind === 'added'
      })
      const flagged = firstFlags(pupils.flatMap((pupil, index) => flagsOf(pupil, `/pupils/${index}`, keys)))
      return reply.code(isNew ? 201 : 200).send({ urn, asOf: asOf.toString(), pupils: pupils.length, flags: flagged })
    },
  )
}
