/** What the triage of one notification costs where so many are stored: the worker's own path, on families with a true history. */

import { openDatabase } from '../../src/database/connection.ts'
import { readKeyRing } from '../../src/database/sealing.ts'
import { openServiceKeys } from '../../src/database/service-keys.ts'
import { triageNotifications } from '../../src/intake/triage-notifications.ts'
import type { Packs } from '../../src/policy/edition.ts'
import { AUTHORITY } from '../notifications.ts'
import { FORCE, type OpenStore, receiveNew, storeDirectory, storeEarlier } from './families.ts'
import { type StoredYears, storeYears } from './stored-years.ts'

/** One database with so many notifications in it, ready to triage more. */
export interface TriageAtSize {
  count: number
  /** Triages the next batch of families. @returns milliseconds a notification */
  turn: () => Promise<number>
  /** The same, counted and not timed: no other work on the machine changes it. */
  countedTurn: () => Promise<Read>
  close: () => Promise<void>
}

/** What Postgres read for one batch. */
export interface Read {
  /** Entries of indexes, and rows of tables that were gone through whole. */
  rows: number
  /** The tables that were gone through whole. */
  scanned: string[]
}

export interface ToFill extends Pick<StoredYears, 'count' | 'at' | 'told'> {
  url: string
  daymarkKeys: string
  packs: Packs
  /** How many turns there will be at most. */
  turns: number
}

/** A worker's largest batch. */
const BATCH = 25

/** Fills a migrated database that nobody has used yet. */
export async function fillForTriage({ url, daymarkKeys, packs, at, count, turns, told }: ToFill): Promise<TriageAtSize> {
  const store = await openStore(url, daymarkKeys)
  await storeDirectory(store, at)
  await storeYears(url, { count, at, told, force: FORCE, authority: AUTHORITY, indexKey: store.keys.service.index.id })
  const families = (turn: number) => Array.from({ length: BATCH }, (_, family) => turn * BATCH + family)
  for (let turn = 0; turn < turns; turn += 1) await storeEarlier(store, families(turn), at)
  await tidy(store)
  let turned = 0
  const inTurn = async <T>(measure: (triage: () => Promise<void>) => Promise<T>): Promise<T> => {
    if (turned === turns) throw new Error(`Only ${turns} turns were made ready`)
    const ids = await receiveNew(store, families(turned), at)
    turned += 1
    const room = { ...store, packs, now: () => at, ringDelivery: () => undefined }
    const measured = await measure(() => triageNotifications(room, ids))
    await mustBeTriaged(store, ids)
    return measured
  }
  return {
    count,
    turn: () => inTurn(timed),
    countedTurn: () => inTurn((triage) => counted(store, triage)),
    close: () => closeStore(store),
  }
}

/** As Postgres would by itself before long: else the smaller one is planned for as if it were empty, and read with what is gone. */
async function tidy({ owner }: OpenStore): Promise<void> {
  await owner.query('set statement_timeout = 0', [])
  for (const table of ['notification', 'person_key', 'data_key', 'audit_stream', 'audit_event'])
    await owner.query(`vacuum (analyze) ${table}`, [])
}

async function timed(triage: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await triage()
  return (performance.now() - startedAt) / BATCH
}

const SO_FAR = `
  select t.relname as name, t.seq_scan as scans,
    t.seq_tup_read + coalesce((select sum(i.idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid), 0)::bigint as rows
  from pg_stat_user_tables t order by 1`

async function counted({ owner, intake, worker }: OpenStore, triage: () => Promise<void>): Promise<Read> {
  const soFar = async () => {
    // Else a connection tells the counters what it did a second later, or when it closes.
    for (const database of [owner, intake, worker]) await database.query('select pg_stat_force_next_flush()', [])
    return owner.query<{ name: string; scans: number; rows: number }>(SO_FAR, [])
  }
  const before = await soFar()
  await triage()
  const after = await soFar()
  const differences = after.map(({ name, scans, rows }, at) => ({
    name,
    scans: scans - (before[at]?.scans ?? 0),
    rows: rows - (before[at]?.rows ?? 0),
  }))
  return {
    rows: differences.reduce((sum, { rows }) => sum + rows, 0),
    scanned: differences.filter(({ scans }) => scans > 0).map(({ name }) => name),
  }
}

async function openStore(url: string, daymarkKeys: string): Promise<OpenStore> {
  const worker = openDatabase(url, 'daymark_worker', 1)
  const ring = readKeyRing(daymarkKeys)
  const keys = { ring, service: await openServiceKeys(worker.kysely, ring) }
  return { worker, keys, intake: openDatabase(url, 'daymark_intake', 1), owner: openDatabase(url, null, 1) }
}

const closeStore = async ({ owner, intake, worker }: OpenStore) =>
  void (await Promise.all([owner, intake, worker].map((database) => database.close())))

/** A figure of work that was not done says nothing. */
async function mustBeTriaged({ owner }: OpenStore, ids: readonly string[]): Promise<void> {
  const [row] = await owner.query<{ triaged: number; told: number }>(
    `select count(*) filter (where state = 'triaged')::int as triaged,
       (select count(*) from dispatch where notification_id = any($1))::int as told
     from notification where id = any($1)`,
    [ids],
  )
  if (row?.triaged !== ids.length || row.told < ids.length) throw new Error(`Triage left ${JSON.stringify(row)} of ${ids.length}`)
}
