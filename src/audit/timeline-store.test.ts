import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../test/support/database.ts'
import { type Database, openDatabase } from '../database/connection.ts'
import { appendAuditEvents } from './append-audit-events.ts'
import { type RecordedAt, readEvents } from './timeline-store.ts'

let owner: Database
const at = Temporal.Instant.from('2026-10-14T22:30:00Z')

beforeAll(async () => {
  owner = openDatabase((await aDatabase()).url, null, 4)
})
afterAll(() => owner.close())

const record = (stream: string, secondsLater: number) =>
  owner.kysely
    .transaction()
    .execute((trx) =>
      appendAuditEvents(trx, at.add({ seconds: secondsLater }), [{ stream, kind: 'something happened', actor: 'system' }]),
    )

/** Reads on from a cursor as far as cursors go; then shows what the last page does, which has none. */
async function readOn(
  from: RecordedAt | null,
  limit: number,
): Promise<{ streams: string[]; cursor: RecordedAt | null; last: string[] }> {
  const streams: string[] = []
  let cursor = from
  for (;;) {
    const { events, next } = await readEvents(owner.kysely, { after: cursor, limit })
    const names = events.map(({ stream }) => stream)
    if (next === null) return { streams, cursor, last: names }
    streams.push(...names)
    cursor = next
  }
}

test('an event that is committed late, with an earlier time, is read by whoever had read past its time', async () => {
  const late = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  const committed = owner.kysely.transaction().execute(async (trx) => {
    await appendAuditEvents(trx, at, [{ stream: 'ntf_late', kind: 'something happened', actor: 'system' }])
    began.resolve()
    await late.promise
  })
  await began.promise
  for (const stream of ['ntf_a', 'ntf_b', 'ntf_c']) await record(stream, 60)

  const before = await readOn(null, 2)
  // Shown, but no cursor goes past them while a transaction from before them is under way.
  expect(before).toEqual({ streams: [], cursor: null, last: ['ntf_a', 'ntf_b'] })
  late.resolve()
  await committed
  await record('ntf_d', 30)
  const everything = async () => {
    const { streams, last } = await readOn(before.cursor, 2)
    return [...streams, ...last]
  }
  // Another database of this cluster may hold the cursor back for a moment.
  await expect.poll(everything).toEqual(['ntf_late', 'ntf_a', 'ntf_b', 'ntf_c', 'ntf_d'])
})

test('an event whose time was taken before its transaction began is read all the same', async () => {
  await record('ntf_quick', 0)
  const lastRead = async () => (await readOn(null, 1)).cursor
  await expect.poll(lastRead).toMatchObject({ stream: 'ntf_quick' })
  const cursor = await lastRead()
  await record('ntf_slow', -3600)
  await expect.poll(() => readOn(cursor, 1)).toMatchObject({ streams: ['ntf_slow'] })
})
