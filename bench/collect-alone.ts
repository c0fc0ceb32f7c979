/**
 * Collecting alone: the product's collect over HTTP, content opened and events chained, beside the raw claim of as many rows a
 * statement over as many connections, by turns in one run. Alone: `node bench/collect-alone.ts [--scale]`.
 */
import { randomBytes } from 'node:crypto'
import { createKey } from '../src/access/keys-store.ts'
import { openDatabase } from '../src/database/connection.ts'
import { newId } from '../src/database/new-id.ts'
import { newDataKey, readKeyRing, seal } from '../src/database/sealing.ts'
import type { Service } from '../src/words/recipient.ts'
import type { Collected } from './collect-load.ts'
import { type Figure, figure, median } from './figures.ts'
import { type Machine, startMachine } from './machine.ts'
import { aNotification } from './notifications.ts'
import { type Prepared, prepareProduct, startProduct } from './product.ts'
import { runProgram } from './programs.ts'

const EACH = 100
const CONNECTIONS = 4
const CLAIMS = 120
const WARM_UP = 40
const ROUNDS = 5
/** Nothing is sent here. */
const NO_RECEIVER = 1
const QUEUE = 'bench-childrens_social_care'
const SERVICE: Service = 'childrens_social_care'
/** What each dispatch says is this long: a referral's usual content. */
const CONTENT_BYTES = 2_000

type Progress = (text: string) => void

/** The figure for the table: dispatches a second over HTTP, of the rows a second that are claimed raw. */
export async function collectFigure(machine: Machine, progress: Progress): Promise<Figure> {
  progress('filling a queue')
  const prepared = await prepareProduct(machine, NO_RECEIVER)
  const template = await fillQueue(machine, prepared, { readable: (CLAIMS + WARM_UP) * EACH, filler: 0 })
  const rounds: { raw: number; product: number }[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}: collecting`)
    const raw = await rawClaims(machine)
    const { perSecond } = await collectFrom(machine, template)
    rounds.push({ raw, product: perSecond })
    progress(`round ${round}: ${Math.round(perSecond)} collected a second, ${Math.round(raw)} claimed raw`)
  }
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick))
  const target = { target: 0.25, target_is: 'at least', unit: 'dispatches/s' } as const
  return figure(
    `collect ${EACH} at a time, of the raw claim`,
    of(({ product }) => product),
    of(({ raw }) => raw),
    target,
  )
}

/** For `--scale`: how long one collect takes from a queue of a million, of one from a queue of a thousand. */
export async function collectScaleFigure(machine: Machine, progress: Progress): Promise<Figure> {
  progress('filling a queue with a million')
  const prepared = await prepareProduct(machine, NO_RECEIVER)
  const few = await fillQueue(machine, prepared, { readable: 1_000, filler: 0 })
  const many = await fillQueue(machine, prepared, { readable: 1_000, filler: 999_000 })
  const rounds: { few: number; many: number }[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    const once = { claims: 8, warmUp: 2, connections: 1 }
    rounds.push({
      few: (await collectFrom(machine, few, once)).medianMs,
      many: (await collectFrom(machine, many, once)).medianMs,
    })
  }
  return figure(
    'collect from 1,000,000, of from 1,000',
    median(rounds.map(({ many: ms }) => ms)),
    median(rounds.map(({ few: ms }) => ms)),
    { target: 1.3, target_is: 'at most', unit: 'ms' },
  )
}

async function rawClaims(machine: Machine): Promise<number> {
  const database = await machine.newDatabase(null)
  await machine.settle()
  const { perSecond } = await runProgram<{ perSecond: number }>('bench/raw-claims.ts', {
    DATABASE_URL: database.url,
    EACH: String(EACH),
    CLAIMS: String(CLAIMS),
    WARM_UP: String(WARM_UP),
    CONNECTIONS: String(CONNECTIONS),
  })
  await database.drop()
  return perSecond
}

interface Filled extends Prepared {
  collectorKey: string
}

async function collectFrom(
  machine: Machine,
  filled: Filled,
  { claims, warmUp, connections } = { claims: CLAIMS, warmUp: WARM_UP, connections: CONNECTIONS },
): Promise<Collected> {
  const side = await startProduct(machine, filled, { receiverPort: NO_RECEIVER, worker: false })
  try {
    await machine.settle()
    return await runProgram<Collected>('bench/collect-load.ts', {
      URL: new URL(`/v1/queues/${QUEUE}/collect`, side.url).href,
      KEY: filled.collectorKey,
      EACH: String(EACH),
      CLAIMS: String(claims),
      WARM_UP: String(warmUp),
      CONNECTIONS: String(connections),
    })
  } finally {
    await side.stop()
  }
}

const BATCH = 1_000
/** A statement may last half a minute. */
const FILLER_BATCH = 25_000

/** A clone of the prepared database whose queue holds so much: what is readable stands before what is not, and is collected first. */
async function fillQueue(
  machine: Machine,
  prepared: Prepared,
  { readable, filler }: { readable: number; filler: number },
): Promise<Filled> {
  const database = await machine.newDatabase(prepared.template)
  const owner = openDatabase(database.url, null, 1)
  const at = Temporal.Now.instant().round('millisecond')
  const { key: collectorKey } = await createKey(owner.kysely, QUEUE, ['dispatches:collect'], at)
  const ring = readKeyRing(prepared.daymarkKeys)
  for (let done = 0; done < readable; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, readable - done) }, (_, index) => aSealed(ring, done + index, at))
    const column = (pick: (row: (typeof rows)[number]) => unknown) => rows.map(pick)
    await owner.query(INSERT, [
      column((row) => row.notification),
      column((row) => row.id),
      column((row) => row.wrapped),
      column((row) => row.wrappedBy),
      column((row) => row.content),
      column((row) => row.dueBy),
      at,
      QUEUE,
      SERVICE,
      column(() => randomBytes(32)),
    ])
  }
  for (let done = 0; done < filler; done += FILLER_BATCH) {
    const values = [at, QUEUE, SERVICE, done + 1, Math.min(filler, done + FILLER_BATCH), randomBytes(CONTENT_BYTES / 10)]
    await owner.query(FILL, values)
  }
  await owner.query('analyze', [])
  await owner.close()
  return { ...prepared, template: database.name, collectorKey }
}

function aSealed(ring: ReturnType<typeof readKeyRing>, number: number, at: Temporal.Instant) {
  const notification = newId('ntf')
  const id = newId('dsp')
  const dataKey = newDataKey(ring, notification)
  const content = JSON.stringify({ notification: aNotification(number, at) }).slice(0, CONTENT_BYTES - 30)
  const sealed = seal(dataKey.key, `dispatch.content|${id}`, JSON.stringify({ account: content }))
  const dueBy = at.add({ seconds: 3_600 + number })
  return { notification, id, wrapped: dataKey.wrapped, wrappedBy: dataKey.wrappedBy, content: sealed, dueBy }
}

const INSERT = `
  with asked as (
    select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::timestamptz[], $10::bytea[])
      as asked (notification, id, wrapped, wrapped_by, content, due_by, hash)),
  n as (
    insert into notification (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, received_by, state, body_hmac)
    select notification, 'police-bench', notification, 1, 'E06000015', $7, $7, $7, 'cli_bench', 'triaged', ''::bytea from asked),
  k as (insert into data_key (notification_id, wrapped, wrapped_by) select notification, wrapped, wrapped_by from asked),
  s as (insert into audit_stream (id, seq, hash) select notification, 3, hash from asked)
  insert into dispatch (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, victim_risk, obligation, state,
    release_at, due_by, next_at, content, content_hmac, planned_at)
  select id, notification, 'police-bench', $8, $8, 'pull_queue', $9, 'referral', '{c1,c2}', '{a-rule}', 'high', 'one', 'released',
    $7, due_by, due_by, content, hash, $7 from asked`

const FILL = `
  with n as (
    insert into notification (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, received_by, state, body_hmac)
    values ('ntf_filler', 'police-bench', 'filler', 1, 'E06000015', $1, $1, $1, 'cli_bench', 'triaged', ''::bytea) on conflict do nothing)
  insert into dispatch (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, victim_risk, obligation, state,
    release_at, due_by, next_at, content, planned_at)
  select 'dsp_' || gen_random_uuid(), 'ntf_filler', 'police-bench', $2, $2, 'pull_queue', $3, 'referral', '{c1}', '{a-rule}', 'high', number::text,
    'released', $1, $1::timestamptz + interval '30 days' + number * interval '1 second', $1::timestamptz + interval '30 days', $6, $1
  from generate_series($4::int, $5::int) as number`

async function alone(): Promise<void> {
  const machine = await startMachine()
  try {
    const say = (text: string) => void process.stderr.write(`${text}\n`)
    console.log(JSON.stringify(await collectFigure(machine, say)))
    if (process.argv.includes('--scale')) console.log(JSON.stringify(await collectScaleFigure(machine, say)))
  } catch (fault) {
    // Told before the servers are let go, which may take its time.
    console.error(fault)
    process.exitCode = 1
  } finally {
    await machine.stop()
  }
}

if (import.meta.main) await alone()
