import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { post } from './accept.ts'
import type { Load } from './load.ts'
import type { Machine } from './machine.ts'
import { DISPATCHES_EACH } from './notifications.ts'
import type { Side } from './product.ts'
import type { Heard } from './receiver.ts'

const WARM_UP = 500
const COUNT = 2_000
/** The open loop: so many a second for ten seconds. */
const RATE = 100
const RATED_COUNT = 1_000
/** Nothing more comes: the run has failed. */
const STALLED_AFTER_MS = 20_000
const LOOK_EVERY_MS = 20

/** One round of one side: from the first POST until the last webhook was there and every row stood in its queue. */
export interface EndToEndRound {
  perSecond: number
  p50: number
  p95: number
  p99: number
}

/**
 * Measures one side from door to door. A dispatch's row is committed before its webhook leaves, on both sides, so the
 * webhook's arrival by the receiver's clock ends a notification's way; that every row is there is then counted in Postgres.
 */
export async function endToEndRound(machine: Machine, side: Side, receiverUrl: string): Promise<EndToEndRound> {
  await through(side, receiverUrl, { from: 0, count: WARM_UP, rate: 0 })
  await machine.settle()
  const whole = await through(side, receiverUrl, { from: WARM_UP, count: COUNT, rate: 0 })
  await machine.settle()
  const rated = await through(side, receiverUrl, { from: WARM_UP + COUNT, count: RATED_COUNT, rate: RATE })
  const times = rated.ms.sort((one, other) => one - other)
  return {
    perSecond: (COUNT / whole.tookMs) * 1000,
    p50: percentile(times, 50),
    p95: percentile(times, 95),
    p99: percentile(times, 99),
  }
}

async function through(
  side: Side,
  receiverUrl: string,
  load: { from: number; count: number; rate: number },
): Promise<{ tookMs: number; ms: number[] }> {
  const sent = await post(side.url, side.key, load)
  await allHeard(side, receiverUrl, load.count)
  await allDelivered(side, load.from + load.count)
  const answer = await fetch(receiverUrl)
  const heard: Heard = JSON.parse(await answer.text())
  if (heard.calls !== load.count) throw new Error(`${side.name}: ${heard.calls} webhooks for ${load.count} notifications`)
  const ms = sent.sent.map((one) => (heard.at[nameOf(side, one)] ?? Number.NaN) - one.at)
  if (ms.some(Number.isNaN)) throw new Error(`${side.name}: a notification's webhook was never heard`)
  return { tookMs: Math.max(...Object.values(heard.at)) - sent.startedAt, ms }
}

/** How the receiver names a notification: the skeleton tells its id, the product the police's reference. */
const nameOf = (side: Side, { id, index }: Load['sent'][number]) => (side.name === 'skeleton' ? id : `BENCH-${index}`)

async function allHeard(side: Side, receiverUrl: string, count: number): Promise<void> {
  await untilWhole(`webhooks of the ${side.name}`, count, async () => Number(await (await fetch(`${receiverUrl}/count`)).text()))
}

const DELIVERED = {
  product: 'select notification_id as id, count(*)::int as rows from dispatch group by 1 having bool_or(state = $1)',
  skeleton: 'select notification_id as id, count(*)::int as rows from sk_delivery group by 1 having bool_or(state = $1)',
}

/** Every notification has its rows in the queues, and the row of its webhook says delivered. */
async function allDelivered(side: Side, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: side.databaseUrl })
  await client.connect()
  const text = `select count(*)::int as whole from (${DELIVERED[side.name]}) as one where rows >= ${DISPATCHES_EACH}`
  await untilWhole(
    `delivered notifications of the ${side.name}`,
    count,
    async () => (await client.query(text, ['delivered'])).rows[0]?.whole ?? 0,
  )
  await client.end()
}

async function untilWhole(what: string, wanted: number, look: () => Promise<number>): Promise<void> {
  let best = -1
  let changedAt = performance.now()
  for (let seen = await look(); seen < wanted; seen = await look()) {
    if (seen > best) {
      best = seen
      changedAt = performance.now()
    }
    if (performance.now() - changedAt > STALLED_AFTER_MS) throw new Error(`Only ${seen} of ${wanted} ${what} came`)
    await pause(LOOK_EVERY_MS)
  }
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}
