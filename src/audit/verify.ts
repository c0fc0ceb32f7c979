import type { Db } from '../database/connection.ts'
import { brokenLink } from './chain.ts'

const STREAMS_PER_PAGE = 500

/** What was found in walking every chain. */
export interface Verified {
  walked: { streams: number; events: number }
  broken: { stream: string; seq: number; why: string }[]
}

/**
 * Walks every stream from its first event and compares its head: a changed, missing or added event breaks it.
 * @param told is called with the number of events walked so far
 */
export async function verifyChains(db: Db, told: (events: number) => void): Promise<Verified> {
  const walked = { streams: 0, events: 0 }
  const broken: Verified['broken'] = []
  let after = ''
  while (true) {
    const heads = await db
      .selectFrom('audit_stream')
      .select(['id', 'seq', 'hash'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(STREAMS_PER_PAGE)
      .execute()
    const last = heads.at(-1)
    if (!last) return { walked, broken }
    const rows = await db
      .selectFrom('audit_event')
      .select(['stream', 'seq', 'body', 'hash'])
      .where('stream', '>', after)
      .where('stream', '<=', last.id)
      .orderBy('stream')
      .orderBy('seq')
      .execute()
    const events = Map.groupBy(rows, ({ stream }) => stream)
    for (const head of heads) {
      const own = events.get(head.id) ?? []
      const where = brokenLink(own) ?? brokenHead(head, own)
      if (where) broken.push({ stream: head.id, ...where })
    }
    walked.streams += heads.length
    walked.events += rows.length
    told(walked.events)
    after = last.id
  }
}

/** The head says how long the stream is and how it ends: it catches a last event that was taken away, or written anew. */
function brokenHead(head: { seq: number; hash: Buffer }, own: readonly { seq: number; hash: Buffer }[]) {
  if (own.length < head.seq) return { seq: own.length + 1, why: 'the last events are missing' }
  if (own.length > head.seq) return { seq: head.seq + 1, why: 'there are more events than the stream has' }
  return own.at(-1)?.hash.equals(head.hash) === false ? { seq: head.seq, why: 'the last event was changed' } : null
}
