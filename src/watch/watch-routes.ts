import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { OPERATOR } from '../access/scopes.ts'
import { instantText } from '../access/times.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency, type Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { londonDate } from '../routing/calendar.ts'
import type { Clock } from '../words/clock.ts'
import { suspensionRoutes } from './suspension-routes.ts'
import { expectTraffic, putManifest, type Reconciled, readAlarms, reconcile } from './watch-store.ts'

/** What the watch's routes need; the database is the app's role. */
export interface Watch {
  access: Access
  database: Database
  keys: Keys
  now: Clock
}

const REFERENCES_MAX = 20_000
/** As long as a notification's may be. */
const REFERENCE_MAX = 100
const FLOORS_MAX = 500
const ALARMS_MAX = 200

const TAG = 'Watch'
const dayParams = z.object({
  date: z.iso.date({ error: 'Write a date as YYYY-MM-DD' }).describe('The day it was sent, Europe/London'),
})
const manifestBody = z
  .strictObject({
    references: z
      .array(z.string().min(1).max(REFERENCE_MAX))
      .max(REFERENCES_MAX)
      .describe('The police reference of every notification sent that day; none, where nothing was sent'),
  })
  .meta({ id: 'Manifest' })
const reconciledBody = z
  .object({
    date: z.string(),
    putAt: z.string(),
    listed: z.int(),
    notReceived: z.array(z.string()).describe('On the manifest, and never received: send them again'),
    notListed: z
      .array(z.string())
      .describe('Received on that day, and on no manifest of that day or its neighbours; looked for from the next noon on'),
  })
  .meta({ id: 'ManifestReconciled' })

/** Silence is an alarm: what a force says it sent, what is expected of it, suspended routes, and the alarms that stand. */
export function watchRoutes(app: App, deps: Watch): void {
  manifestRoutes(app, deps)
  expectedTrafficRoute(app, deps)
  alarmsRoute(app, deps)
  suspensionRoutes(app, deps)
}

function manifestRoutes(app: App, { access, database, now }: Watch): void {
  const url = '/v1/notifications/manifests/:date'
  const response = { 200: reconciledBody, 201: reconciledBody, ...refusals }
  app.put(
    url,
    {
      onRequest: access.demand('notifications:write'),
      schema: {
        tags: [TAG],
        summary: 'Say what was sent on a day',
        description:
          'Put whole, as often as needed. Whatever is missing on either side is answered here, is a task for the force, and is a fault in the completeness report until it comes.',
        params: dayParams,
        body: manifestBody,
        response,
      },
    },
    async (request, reply) => {
      const at = now()
      const client = access.clientOf(request)
      const { date } = request.params
      if (date > londonDate(at))
        throw badRequest([{ pointer: '/date', code: 'in-the-future', detail: 'This day has not come yet' }])
      const references = [...new Set(request.body.references)]
      const done = await againWhenInTheWay(() =>
        asAgency(database, client.agency, async (trx) => {
          const put = await putManifest(trx, { agency: client.agency, day: date, references, by: client.id }, at)
          if (put !== 'as it was') {
            const detail = { agency: client.agency, day: date, listed: references.length }
            await appendAuditEvents(trx, at, [{ stream: 'service', kind: `manifest ${put}`, actor: client.id, detail }])
          }
          return { put, found: await reconcile(trx, client.agency, date, at) }
        }),
      )
      if (!done.found) throw new Error('A manifest that was put is not there')
      return reply.code(done.put === 'added' ? 201 : 200).send(toBody(done.found))
    },
  )
  app.get(
    url,
    {
      onRequest: access.demand('notifications:write'),
      schema: { tags: [TAG], summary: 'How a day’s manifest and what came compare now', params: dayParams, response },
    },
    async (request) => {
      const { agency } = access.clientOf(request)
      const found = await asAgency(database, agency, (trx) => reconcile(trx, agency, request.params.date, now()))
      if (!found) throw notFound('manifest')
      return toBody(found)
    },
  )
}

const toBody = ({ day, putAt, listed, notReceived, notListed }: Reconciled): z.infer<typeof reconciledBody> => ({
  date: day,
  putAt: putAt.toString(),
  listed,
  notReceived,
  notListed,
})

const floorBody = z.strictObject({
  authority: z
    .string()
    .regex(/^[A-Z]\d{8}$/, 'Write the authority as its GSS code, a letter and eight digits')
    .optional()
    .describe('Where it happened; without one, the force as a whole'),
  atLeast: z.int().min(1).max(100_000).describe('The fewest notifications that are usual'),
  withinHours: z.int().min(1).max(168).describe('Hours; any such span with fewer is an alarm'),
})
const expectedBody = z.strictObject({ floors: z.array(floorBody).max(FLOORS_MAX) }).meta({ id: 'ExpectedTraffic' })

function expectedTrafficRoute(app: App, { access, database, now }: Watch): void {
  app.put(
    '/v1/forces/:agency/expected-traffic',
    {
      onRequest: access.demand('directory:write'),
      schema: {
        tags: [TAG],
        summary: 'Say how much is expected of a force',
        description: 'Put whole by the operator, or by the force itself. Fewer notifications than this is an alarm.',
        params: z.object({ agency: z.string().min(1).max(64).describe('For example police-derbyshire') }),
        body: expectedBody,
        response: { 200: expectedBody, ...refusals },
      },
    },
    async (request) => {
      const at = now()
      const client = access.clientOf(request)
      const { agency } = request.params
      if (client.agency !== OPERATOR && client.agency !== agency) throw notFound('force')
      const { floors } = request.body
      const faults = floors.flatMap(({ authority }, index) =>
        floors.findIndex((other) => other.authority === authority) < index
          ? [
              {
                pointer: `/floors/${index}`,
                code: 'given-twice',
                detail: 'This authority, or the whole force, stands here already',
              },
            ]
          : [],
      )
      if (faults.length > 0) throw badRequest(faults)
      await againWhenInTheWay(() =>
        asAgency(database, client.agency, async (trx) => {
          await expectTraffic(trx, { agency, floors, by: client.id }, at)
          const detail = { agency, floors: floors.map((floor) => ({ ...floor })) }
          await appendAuditEvents(trx, at, [{ stream: 'service', kind: 'expected traffic set', actor: client.id, detail }])
        }),
      )
      return { floors }
    },
  )
}

const alarmsBody = z.object({
  alarms: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      agency: z.string().describe('Whose silence it is'),
      authority: z.string().nullable(),
      recipient: z.string().nullable(),
      day: z.string().nullable(),
      since: z.string(),
      raisedAt: z.string(),
      endedAt: z.string().nullable(),
      task: z.string().nullable().describe('The task that asks a person about it'),
    }),
  ),
})

function alarmsRoute(app: App, { access, database }: Watch): void {
  app.get(
    '/v1/alarms',
    {
      onRequest: access.demand('audit:read'),
      schema: {
        tags: [TAG],
        summary: 'What is silent',
        description: 'An agency sees its own alarms, the operator every one. Newest first, two hundred at most.',
        querystring: z.strictObject({ endedSince: instantText().optional().describe('Also those that ended since then') }),
        response: { 200: alarmsBody, ...refusals },
      },
    },
    async (request) => {
      const { endedSince } = request.query
      const since = endedSince === undefined ? null : Temporal.Instant.from(endedSince)
      const alarms = await asAgency(database, access.clientOf(request).agency, (trx) => readAlarms(trx, since, ALARMS_MAX))
      return {
        alarms: alarms.map(({ recipientId, since: from, raisedAt, endedAt, ...rest }) => ({
          ...rest,
          recipient: recipientId,
          since: from.toString(),
          raisedAt: raisedAt.toString(),
          endedAt: endedAt?.toString() ?? null,
        })),
      }
    },
  )
}
