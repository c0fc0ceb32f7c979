import { z } from 'zod'
import type { App } from '../access/app.ts'
import { notFound, refusals } from '../access/problems.ts'
import { instantText } from '../access/times.ts'
import { type CompletenessFault, findFaults, manifestFaults } from '../audit/completeness.ts'
import { accountFor } from '../audit/completeness-store.ts'
import { differingManifests } from '../audit/manifest-store.ts'
import { type AuditEvent, readEvents, readTimeline } from '../audit/timeline-store.ts'
import { asAgency, type Db } from '../database/connection.ts'
import { deliveriesRoutes } from './deliveries-routes.ts'
import { readTimelineStreams } from './proof-store.ts'
import { type Proof, reading, readRecordedCursor } from './reading.ts'

const FAULTS_MAX = 1000
const PAGE_MAX = 200

const eventBody = z
  .object({
    id: z.string(),
    at: z.string(),
    kind: z.string(),
    actor: z.string(),
    dispatch: z.string().optional(),
    task: z.string().optional(),
    detail: z.record(z.string(), z.unknown()),
    hash: z.string().describe('SHA-256 over the hash before and this event, hex'),
  })
  .meta({ id: 'AuditEvent' })

const completenessBody = z.object({
  from: z.string(),
  to: z.string(),
  notifications: z.int(),
  due: z.int().describe('Services due, a person and a rule each'),
  dispatches: z.record(z.string(), z.int()).describe('By state'),
  notSent: z.record(z.string(), z.int()).describe('By named reason'),
  overdue: z.int(),
  openTasks: z.int(),
  faults: z.array(
    z.object({
      code: z.string(),
      notification: z.string().optional().describe('Absent where a whole notification is missing'),
      dispatch: z.string().optional(),
      detail: z.string(),
    }),
  ),
  faultsTotal: z.int(),
})

export function proofRoutes(app: App, deps: Proof): void {
  const { access } = deps
  app.get(
    '/v1/notifications/:id/timeline',
    {
      onRequest: access.demand('notifications:read'),
      schema: {
        tags: ['Notifications'],
        summary: 'Who was told what, when and why, over all versions, oldest first',
        params: z.object({ id: z.string().describe('ntf_…') }),
        response: { 200: z.object({ events: z.array(eventBody) }), ...refusals },
      },
    },
    async (request) => {
      const events = await asAgency(deps.app, access.clientOf(request).agency, async (trx) => {
        const streams = await readTimelineStreams(trx, request.params.id)
        return streams.length > 0 ? readTimeline(trx, streams) : null
      })
      if (!events) throw notFound('notification')
      return { events: events.map(toBody) }
    },
  )
  eventsRoute(app, deps)
  deliveriesRoutes(app, deps)
  completenessRoute(app, deps)
}

function eventsRoute(app: App, deps: Proof): void {
  const { access } = deps
  app.get(
    '/v1/audit/events',
    {
      onRequest: access.demand('audit:read'),
      schema: {
        tags: ['Audit'],
        summary: 'Every recorded event, in the order they were recorded',
        description:
          'Follow Link: rel="next" to read everything once. The last page has none; ask again from the same cursor for what came since.',
        querystring: z.strictObject({
          from: instantText().optional(),
          to: instantText().optional(),
          after: z.string().max(200).optional().describe('The cursor of a Link header'),
          limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(100),
        }),
        response: { 200: z.object({ events: z.array(eventBody.extend({ stream: z.string() })) }), ...refusals },
      },
    },
    async (request, reply) => {
      const { from, to, after, limit } = request.query
      const page = {
        after: after === undefined ? null : readRecordedCursor(after),
        ...(from ? { from: Temporal.Instant.from(from) } : {}),
        ...(to ? { to: Temporal.Instant.from(to) } : {}),
        limit,
      }
      const { events, next } = await reading(deps, access.clientOf(request), (db) => readEvents(db, page))
      if (next) {
        const query = new URLSearchParams({
          ...(from ? { from } : {}),
          ...(to ? { to } : {}),
          limit: String(limit),
          after: `${next.xid}|${next.seq}|${next.stream}`,
        })
        reply.header('link', `</v1/audit/events?${query}>; rel="next"`)
      }
      return { events: events.map((event) => ({ ...toBody(event), stream: event.stream })) }
    },
  )
}

function completenessRoute(app: App, deps: Proof): void {
  const { access } = deps
  app.get(
    '/v1/audit/completeness',
    {
      onRequest: access.demand('audit:read'),
      schema: {
        tags: ['Audit'],
        summary: 'Every child × every service due: sent, or the named reason why not; anything else is a fault',
        querystring: z.strictObject({ from: instantText().optional(), to: instantText().optional() }),
        response: { 200: completenessBody, ...refusals },
      },
    },
    async (request) => {
      const at = deps.now()
      const to = request.query.to ? Temporal.Instant.from(request.query.to) : at
      const from = request.query.from ? Temporal.Instant.from(request.query.from) : to.subtract({ hours: 24 * 7 })
      return reading(deps, access.clientOf(request), (db) => report(db, { from, to, at }))
    },
  )
}

/** Counts what was due against what exists. */
async function report(db: Db, window: { from: Temporal.Instant; to: Temporal.Instant; at: Temporal.Instant }) {
  const faults: CompletenessFault[] = []
  const totals = { notifications: 0, due: 0, overdue: 0, openTasks: 0, faultsTotal: 0 }
  const dispatches: Record<string, number> = {}
  const notSent: Record<string, number> = {}
  for await (const batch of accountFor(db, window.from, window.to)) {
    for (const one of batch) {
      totals.notifications += 1
      totals.due += one.due.length
      totals.openTasks += one.tasks.filter(({ state }) => state !== 'decided').length
      for (const { state, overdue } of one.dispatches) {
        dispatches[state] = (dispatches[state] ?? 0) + 1
        if (overdue) totals.overdue += 1
      }
      for (const { reason } of one.notSent) notSent[reason] = (notSent[reason] ?? 0) + 1
      const found = findFaults(one, window.at)
      totals.faultsTotal += found.length
      faults.push(...found.slice(0, FAULTS_MAX - faults.length))
    }
  }
  // What a force says it sent and never came is the one child this report could not otherwise know of.
  const missing = (await differingManifests(db, window)).flatMap(manifestFaults)
  totals.faultsTotal += missing.length
  faults.push(...missing.slice(0, FAULTS_MAX - faults.length))
  return { from: window.from.toString(), to: window.to.toString(), ...totals, dispatches, notSent, faults }
}

function toBody(event: AuditEvent): z.infer<typeof eventBody> {
  return {
    id: event.id,
    at: event.at.toString({ smallestUnit: 'millisecond' }),
    kind: event.kind,
    actor: event.actor,
    ...(event.dispatch ? { dispatch: event.dispatch } : {}),
    ...(event.task ? { task: event.task } : {}),
    detail: event.detail,
    hash: event.hash.toString('hex'),
  }
}
