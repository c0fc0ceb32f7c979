import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { asAgency } from '../database/connection.ts'
import type { QueueRoom } from './acknowledge.ts'
import { answerRoutes } from './answer-routes.ts'
import { collectRoutes } from './collect-routes.ts'
import { dispatchRoutes } from './dispatch-routes.ts'
import { listBody, listedOf, listQuery, maySeeVictimRisk, queueParams, queuesBody } from './queue-bodies.ts'
import { queueStatusRoutes } from './queue-status-routes.ts'
import { ownsQueue, pageOfQueue, type QueueCounts, type QueuedDispatch, queuesOf } from './queue-store.ts'

const TAG = 'Pull queues'

/** Pull queues and the dispatches in them (contract §4): what the recipients' agencies call. */
export function queueRoutes(app: App, deps: QueueRoom & { access: Access }): void {
  const { access, database, now } = deps
  const onRequest = access.demand('dispatches:collect')
  app.get(
    '/v1/queues',
    {
      onRequest,
      schema: { tags: [TAG], summary: 'Your agency’s queues, and how full they are', response: { 200: queuesBody, ...refusals } },
    },
    async (request) => {
      const { agency } = access.clientOf(request)
      const queues = await asAgency(database, agency, (trx) => queuesOf(trx, agency))
      const at = now()
      return { queues: queues.map((queue) => queueBodyOf(queue, at)) }
    },
  )
  collectRoutes(app, deps)
  queueStatusRoutes(app, deps)
  listRoute(app, deps)
  dispatchRoutes(app, deps)
  answerRoutes(app, deps)
}

function listRoute(app: App, { access, database }: QueueRoom & { access: Access }): void {
  app.get(
    '/v1/queues/:queueId/dispatches',
    {
      onRequest: access.demand('dispatches:collect'),
      schema: {
        tags: [TAG],
        summary: 'What is in a queue, without what it says',
        description: 'Soonest due first. The next page stands in the Link header.',
        params: queueParams,
        querystring: listQuery,
        response: { 200: listBody, ...refusals },
      },
    },
    async (request, reply) => {
      const { agency } = access.clientOf(request)
      const { queueId } = request.params
      const { state = null, cursor, limit } = request.query
      const after = cursor === undefined ? null : readCursor(cursor)
      const rows = await asAgency(database, agency, async (trx) =>
        (await ownsQueue(trx, agency, queueId)) ? pageOfQueue(trx, { id: queueId, agency, state }, after, limit + 1) : null,
      )
      if (!rows) throw notFound('queue')
      const last = rows.length > limit ? rows[limit - 1] : undefined
      if (last) reply.header('Link', `<${nextPage(queueId, { state, limit }, last)}>; rel="next"`)
      return { dispatches: rows.slice(0, limit).map(listedOf) }
    },
  )
}

function nextPage(queueId: string, query: { state: string | null; limit: number }, last: QueuedDispatch): string {
  const cursor = Buffer.from(`${last.due_by.toString()} ${last.id}`).toString('base64url')
  const search = new URLSearchParams({ limit: String(query.limit), cursor })
  if (query.state !== null) search.set('state', query.state)
  return `/v1/queues/${encodeURIComponent(queueId)}/dispatches?${search}`
}

function readCursor(cursor: string): { dueBy: Temporal.Instant; id: string } {
  const [, time = '', id = ''] = /^(\S+) (dsp_[\w-]+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  try {
    return { dueBy: Temporal.Instant.from(time), id }
  } catch {
    // Temporal throws for whatever is no time; to the caller it is one fault.
    throw badRequest([{ pointer: '', code: 'cursor', detail: 'Take the cursor from the link to the next page' }])
  }
}

function queueBodyOf(queue: QueueCounts, at: Temporal.Instant) {
  const { id, name, service, waiting, collected, overdue, high, not_graded: notGraded, medium, standard } = queue
  const told = maySeeVictimRisk(service)
  const shown = (since: Temporal.Instant | null) => (told ? since : null)
  const text = (since: Temporal.Instant | null) => shown(since)?.toString() ?? null
  const seconds = (since: Temporal.Instant | null) => {
    const from = shown(since)
    return from && Math.max(0, Math.floor(from.until(at).total('seconds')))
  }
  return {
    id,
    name,
    service,
    waiting,
    collected,
    overdue,
    oldestWaiting: { high: text(high), notGraded: text(notGraded), medium: text(medium), standard: text(standard) },
    oldestWaitingSeconds: {
      high: seconds(high),
      notGraded: seconds(notGraded),
      medium: seconds(medium),
      standard: seconds(standard),
    },
  }
}
