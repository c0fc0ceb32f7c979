import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { z } from 'zod'
import type { App } from '../access/app.ts'
import { refusals } from '../access/problems.ts'
import type { Client } from '../access/scopes.ts'
import { instantText } from '../access/times.ts'
import { services } from '../words/recipient.ts'
import { type DeliveriesCursor, type DeliveriesWanted, type Delivery, readDeliveries } from './deliveries-store.ts'
import { type Proof, readCursor, reading } from './reading.ts'

const PAGE_MAX = 200
/** Rows of one CSV: a month of the largest force fits many times over. */
const CSV_ROWS_MAX = 500_000
const CSV_PAGE = 1000

const states = ['planned', 'released', 'collected', 'delivered', 'acknowledged', 'held', 'withdrawn', 'given_up'] as const

const deliveryBody = z
  .object({
    id: z.string(),
    notification: z.string(),
    policeReference: z.string().nullable(),
    service: z.string(),
    kind: z.string(),
    recipient: z.object({ id: z.string(), name: z.string() }),
    channel: z.string(),
    state: z.string(),
    overdue: z.boolean(),
    lateOnArrival: z.boolean(),
    attempts: z.int(),
    plannedAt: z.string(),
    dueBy: z.string(),
    collectedAt: z.string().nullable(),
    deliveredAt: z.string().nullable(),
    acknowledgedAt: z.string().nullable(),
  })
  .meta({ id: 'Delivery' })

const query = z.strictObject({
  service: z.enum(services).optional(),
  authority: z
    .string()
    .regex(/^[A-Z]\d{8}$/)
    .optional(),
  state: z.enum(states).optional(),
  overdue: z.enum(['true', 'false']).optional(),
  from: instantText().optional(),
  to: instantText().optional(),
  after: z.string().max(200).optional().describe('The cursor of a Link header'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(100),
})

/** `GET /v1/audit/deliveries` (contract §6): who was told, by when it was due and when it came. */
export function deliveriesRoutes(app: App, deps: Proof): void {
  const { access } = deps
  app.get(
    '/v1/audit/deliveries',
    {
      onRequest: access.demand('audit:read'),
      schema: {
        tags: ['Audit'],
        summary: 'Every dispatch with the times of its life; as a page of JSON, or whole with Accept: text/csv',
        querystring: query,
        produces: ['application/json', 'text/csv'],
        response: { 200: z.object({ deliveries: z.array(deliveryBody) }), ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { after, limit, ...filters } = request.query
      const wanted = readWanted(filters)
      if (request.headers.accept?.includes('text/csv')) {
        // The rows are streamed past the JSON serializer, which only knows the page.
        reply.hijack()
        reply.raw.writeHead(200, {
          'content-type': 'text/csv; charset=utf-8',
          'cache-control': 'no-store',
          'x-request-id': request.id,
        })
        pipeline(flatRows(deps, client, wanted), toCsv(), reply.raw).catch((fault: unknown) => {
          // The connection is cut, so that nobody takes half a table for the whole.
          request.log.warn({ fault: fault instanceof Error ? fault.name : 'unknown' }, 'a table of deliveries broke off')
        })
        return reply
      }
      const cursor = after === undefined ? null : readCursor(after)
      const page = await reading(deps, client, (db) =>
        readDeliveries(db, wanted, cursor && { plannedAt: cursor.at, id: cursor.id }, limit),
      )
      const last = page.at(-1)
      if (last && page.length === limit) {
        const next = new URLSearchParams({ ...filters, limit: String(limit), after: `${last.plannedAt}|${last.id}` })
        reply.header('link', `</v1/audit/deliveries?${next}>; rel="next"`)
      }
      return { deliveries: page.map(toBody) }
    },
  )
}

function readWanted({ overdue, from, to, ...rest }: Omit<z.infer<typeof query>, 'after' | 'limit'>): DeliveriesWanted {
  return {
    ...rest,
    ...(overdue === undefined ? {} : { overdue: overdue === 'true' }),
    ...(from === undefined ? {} : { from: Temporal.Instant.from(from) }),
    ...(to === undefined ? {} : { to: Temporal.Instant.from(to) }),
  }
}

/** RFC 4180, with a cell that a spreadsheet would run as a formula made harmless. */
const toCsv = () => stringify({ header: true, escape_formulas: true, record_delimiter: 'windows' })

async function* flatRows(deps: Proof, client: Client, wanted: DeliveriesWanted): AsyncGenerator<Record<string, unknown>> {
  let after: DeliveriesCursor | null = null
  for (let told = 0; ; ) {
    const from: DeliveriesCursor | null = after
    const page: Delivery[] = await reading(deps, client, (db) => readDeliveries(db, wanted, from, CSV_PAGE))
    for (const delivery of page) {
      const { recipient, ...body } = toBody(delivery)
      yield { ...body, recipient: recipient.id, recipientName: recipient.name }
    }
    told += page.length
    if (told > CSV_ROWS_MAX) throw new Error('More deliveries than one table holds: ask for a shorter time')
    after = page.at(-1) ?? null
    if (page.length < CSV_PAGE) return
  }
}

function toBody({ recipient, recipientName, ...delivery }: Delivery): z.infer<typeof deliveryBody> {
  return {
    ...delivery,
    recipient: { id: recipient, name: recipientName },
    plannedAt: delivery.plannedAt.toString(),
    dueBy: delivery.dueBy.toString(),
    collectedAt: delivery.collectedAt?.toString() ?? null,
    deliveredAt: delivery.deliveredAt?.toString() ?? null,
    acknowledgedAt: delivery.acknowledgedAt?.toString() ?? null,
  }
}
