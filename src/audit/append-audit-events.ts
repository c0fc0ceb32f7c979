import { CompiledQuery } from 'kysely'
import type { Trx } from '../database/connection.ts'
import { type ChainHead, emptyStream, link, type NewEvent } from './chain.ts'

const LOCK_HEADS = `select id, seq, hash from audit_stream where id = any($1) order by id for update`

const APPEND = `
  with heads as (
    insert into audit_stream (id, seq, hash) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
    on conflict (id) do update set seq = excluded.seq, hash = excluded.hash)
  insert into audit_event (id, stream, seq, at, kind, actor, dispatch, task, body, hash)
  select * from unnest($4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[])`

/**
 * Records what happened, in the caller's transaction, so that a change and its event stand or fall together. Streams are
 * locked in id order: two transactions that touch the same streams wait for each other and never deadlock. An event of a
 * stream that is new at the same moment elsewhere collides on (stream, seq) and the transaction is tried again.
 */
export async function appendAuditEvents(trx: Trx, at: Temporal.Instant, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  const streams = [...new Set(events.map(({ stream }) => stream))].sort()
  const { rows } = await trx.executeQuery<{ id: string; seq: number; hash: Buffer }>(CompiledQuery.raw(LOCK_HEADS, [streams]))
  const heads = new Map<string, ChainHead>(rows.map((row) => [row.id, row]))
  const chained = events.map((event) => {
    const next = link(heads.get(event.stream) ?? emptyStream, at, event)
    heads.set(event.stream, next)
    return next
  })
  const column = <T>(pick: (event: (typeof chained)[number]) => T) => chained.map(pick)
  await trx.executeQuery(
    CompiledQuery.raw(APPEND, [
      streams,
      streams.map((stream) => heads.get(stream)?.seq),
      streams.map((stream) => heads.get(stream)?.hash),
      column((event) => event.id),
      column((event) => event.stream),
      column((event) => event.seq),
      column((event) => event.at),
      column((event) => event.kind),
      column((event) => event.actor),
      column((event) => event.dispatch ?? null),
      column((event) => event.task ?? null),
      column((event) => event.body),
      column((event) => event.hash),
    ]),
  )
}
