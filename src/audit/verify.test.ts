import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../test/support/database.ts'
import { type Database, openDatabase } from '../database/connection.ts'
import { appendAuditEvents } from './append-audit-events.ts'
import { link } from './chain.ts'
import { verifyChains } from './verify.ts'

let owner: Database
const at = Temporal.Instant.from('2026-10-14T22:30:00Z')

beforeAll(async () => {
  owner = openDatabase((await aDatabase()).url, null, 2)
  // Whoever may switch the trigger off is whom the chain is for.
  await sql`alter table audit_event disable trigger audit_event_is_final`.execute(owner.kysely)
})
afterAll(() => owner.close())

const append = (stream: string, count: number) =>
  owner.kysely.transaction().execute((trx) =>
    appendAuditEvents(
      trx,
      at,
      Array.from({ length: count }, (_, i) => ({ stream, kind: `event ${i}`, actor: 'system' })),
    ),
  )
const broken = async () => (await verifyChains(owner.kysely, () => {})).broken

test('chains that nobody touched hold', async () => {
  await append('ntf_a', 3)
  await append('recipient:b', 2)
  expect(await verifyChains(owner.kysely, () => {})).toEqual({ walked: { streams: 2, events: 5 }, broken: [] })
})

test('an event that was changed, taken from the middle or taken from the end is found', async () => {
  await append('ntf_changed', 3)
  await sql`update audit_event set body = replace(body, 'event 1', 'event x') where stream = 'ntf_changed' and seq = 2`.execute(
    owner.kysely,
  )
  await append('ntf_middle', 3)
  await sql`delete from audit_event where stream = 'ntf_middle' and seq = 2`.execute(owner.kysely)
  await append('ntf_short', 3)
  await sql`delete from audit_event where stream = 'ntf_short' and seq = 3`.execute(owner.kysely)
  expect(await broken()).toMatchObject([
    { stream: 'ntf_changed', seq: 2 },
    { stream: 'ntf_middle', seq: 2 },
    { stream: 'ntf_short', seq: 3, why: 'the last events are missing' },
  ])
  await sql`delete from audit_stream where id in ('ntf_changed', 'ntf_middle', 'ntf_short')`.execute(owner.kysely)
})

test('a last event that was written anew, with a hash that fits, differs from the head', async () => {
  await append('ntf_anew', 2)
  const rows = await owner.kysely
    .selectFrom('audit_event')
    .select(['seq', 'hash'])
    .where('stream', '=', 'ntf_anew')
    .orderBy('seq')
    .execute()
  const [first] = rows
  if (!first) throw new Error('the stream is empty')
  const forged = link(first, at, { stream: 'ntf_anew', kind: 'nothing happened', actor: 'system' })
  await sql`update audit_event set body = ${forged.body}, hash = ${forged.hash} where stream = 'ntf_anew' and seq = 2`.execute(
    owner.kysely,
  )
  expect(await broken()).toMatchObject([{ stream: 'ntf_anew', seq: 2, why: 'the last event was changed' }])
})
