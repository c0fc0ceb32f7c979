import { z } from 'zod'
import type { App } from '../access/app.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { OPERATOR } from '../access/scopes.ts'
import { instantText } from '../access/times.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency } from '../database/connection.ts'
import { endSuspension, suspend } from './suspension-store.ts'
import type { Watch } from './watch-routes.ts'

/** Nobody may switch a route off and forget it (issue of the field: a school was not told for months). */
const DAYS_MAX = 7

const params = z.object({ id: z.string().min(1).max(64).describe('The recipient') })
const suspensionBody = z
  .strictObject({
    approvedBy: z.string().trim().min(1, 'Say who approved it').max(200).describe('Who approved it; kept sealed'),
    reason: z.string().trim().min(1, 'Say why').max(2_000).describe('Why; kept sealed'),
    until: instantText().describe('When it ends by itself, at most seven days from now'),
  })
  .meta({ id: 'Suspension' })
const suspendedBody = z.object({ recipient: z.string(), until: z.string() })

/**
 * Suspends the route to one recipient: nothing is sent there and nothing handed out. The clocks go on, whoever is due to be
 * told by it is rung, and it stands as an alarm from the first minute to the last.
 */
export function suspensionRoutes(app: App, { access, database, keys, now }: Watch): void {
  const url = '/v1/directory/recipients/:id/suspension'
  app.put(
    url,
    {
      onRequest: access.demand('directory:write'),
      schema: {
        tags: ['Directory'],
        summary: 'Suspend the route to a recipient, for seven days at most',
        description:
          'For the operator, with who approved it, why, and when it ends. Everybody due to be told by it is rung meanwhile.',
        params,
        body: suspensionBody,
        response: { 200: suspendedBody, ...refusals },
      },
    },
    async (request) => {
      const at = now()
      const client = access.clientOf(request)
      const { approvedBy, reason, until: said } = request.body
      const until = Temporal.Instant.from(said).round('millisecond')
      const latest = at.add({ hours: 24 * DAYS_MAX })
      if (Temporal.Instant.compare(until, at) <= 0 || Temporal.Instant.compare(until, latest) > 0) {
        const detail = `Name a moment ahead and within ${DAYS_MAX} days: ${latest} at the latest`
        throw badRequest([{ pointer: '/until', code: 'out-of-range', detail }])
      }
      const { id } = request.params
      const done = await againWhenInTheWay(() =>
        asAgency(database, client.agency, async (trx) => {
          if (client.agency !== OPERATOR) return false
          if (!(await suspend(trx, keys.ring, { id, until, said: { approvedBy, reason, by: client.id } }))) return false
          const detail = { until: until.toString() }
          await appendAuditEvents(trx, at, [{ stream: `recipient:${id}`, kind: 'route suspended', actor: client.id, detail }])
          return true
        }),
      )
      if (!done) throw notFound('recipient')
      return { recipient: id, until: until.toString() }
    },
  )
  app.delete(
    url,
    {
      onRequest: access.demand('directory:write'),
      schema: {
        tags: ['Directory'],
        summary: 'End the suspension of a route',
        params,
        response: { 204: z.null().describe('It is open'), ...refusals },
      },
    },
    async (request, reply) => {
      const at = now()
      const client = access.clientOf(request)
      const { id } = request.params
      const ended = await againWhenInTheWay(() =>
        asAgency(database, client.agency, async (trx) => {
          if (client.agency !== OPERATOR) return null
          const was = await endSuspension(trx, id, at)
          if (was === 'suspended')
            await appendAuditEvents(trx, at, [{ stream: `recipient:${id}`, kind: 'route opened again', actor: client.id }])
          return was
        }),
      )
      if (ended === null) throw notFound('recipient')
      return reply.code(204).send(null)
    },
  )
}
