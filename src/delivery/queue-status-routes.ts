import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound, refusals } from '../access/problems.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import type { QueueRoom } from './acknowledge.ts'
import { uncollectedIn } from './non-collection-store.ts'
import { maySeeVictimRisk, queueParams } from './queue-bodies.ts'
import { queueStatus } from './queue-number-store.ts'
import { ownsQueue } from './queue-store.ts'

const PAGE = 200
const moment = z.string().describe('RFC 3339')

const numbered = z.object({ sequence: z.int(), id: z.string() })
const statusBody = z
  .object({
    id: z.string(),
    last: z.int().describe('The last number given; 0 before the first'),
    firstUncollected: numbered.nullable().describe('The lowest number that nobody has ever collected'),
    gaps: z
      .array(numbered.extend({ state: z.string(), collected: z.boolean() }))
      .describe('Numbers your agency has not acknowledged, in order, and why: `withdrawn` asks for nothing any more'),
  })
  .meta({ id: 'QueueStatus' })
const statusQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Only numbers above this one, for the next page'),
})

const reportBody = z
  .object({
    id: z.string(),
    uncollected: z.array(
      z.object({
        id: z.string(),
        sequence: z.int().nullable(),
        victimRisk: z.string().nullable(),
        releaseAt: moment,
        dueBy: moment,
        overdue: z.boolean(),
        reportedAt: moment,
        collectedBefore: z.boolean().describe('It was collected once, its lease ended, and it was not acknowledged'),
      }),
    ),
  })
  .meta({ id: 'NonCollectionReport' })

/** What an agency holds against its own record: that nothing is missing, and what nobody has fetched. */
export function queueStatusRoutes(app: App, deps: QueueRoom & { access: Access }): void {
  const { access } = deps
  const onRequest = access.demand('dispatches:collect')
  app.get(
    '/v1/queues/:queueId/status',
    {
      onRequest,
      schema: {
        tags: ['Pull queues'],
        summary: 'The numbers of a queue, and which of them you have not acknowledged',
        description:
          'Every dispatch has a number, from 1 and without a gap, given moments after its release. A number that you have never seen ' +
          `stands in gaps. ${PAGE} at a time: the next page is in the Link header.`,
        params: queueParams,
        querystring: statusQuery,
        response: { 200: statusBody, ...refusals },
      },
    },
    async (request, reply) => {
      const { queueId } = request.params
      const { agency } = access.clientOf(request)
      const status = await ofOwnQueue(deps, agency, queueId, (trx) =>
        queueStatus(trx, { id: queueId, agency }, request.query.after, PAGE + 1),
      )
      const last = status.gaps.length > PAGE ? status.gaps[PAGE - 1] : undefined
      if (last) reply.header('Link', `</v1/queues/${encodeURIComponent(queueId)}/status?after=${last.sequence}>; rel="next"`)
      return { id: queueId, ...status, gaps: status.gaps.slice(0, PAGE) }
    },
  )
  app.get(
    '/v1/queues/:queueId/non-collection',
    {
      onRequest,
      schema: {
        tags: ['Pull queues'],
        summary: 'What lies in a queue uncollected for too long',
        description:
          'Before its deadline each was told to your duty contact and to the force: at half of its time, at a quarter where the risk is high. ' +
          `The ${PAGE} that were told longest ago.`,
        params: queueParams,
        response: { 200: reportBody, ...refusals },
      },
    },
    async (request) => {
      const { queueId } = request.params
      const { agency } = access.clientOf(request)
      const rows = await ofOwnQueue(deps, agency, queueId, (trx) => uncollectedIn(trx, { id: queueId, agency }, PAGE))
      return {
        id: queueId,
        uncollected: rows.map((row) => ({
          id: row.id,
          sequence: row.sequence,
          victimRisk: maySeeVictimRisk(row.service) ? row.victim_risk : null,
          releaseAt: row.release_at.toString(),
          dueBy: row.due_by.toString(),
          overdue: row.overdue,
          reportedAt: row.reported_at.toString(),
          collectedBefore: row.collected_at !== null,
        })),
      }
    },
  )
}

async function ofOwnQueue<T>(
  { database }: QueueRoom,
  agency: string,
  queueId: string,
  read: (trx: Trx) => Promise<T>,
): Promise<T> {
  const found = await asAgency(database, agency, async (trx) =>
    (await ownsQueue(trx, agency, queueId)) ? { value: await read(trx) } : null,
  )
  if (!found) throw notFound('queue')
  return found.value
}
