import type { Access } from '../access/access.ts'
import { Problem } from '../access/problems.ts'
import { type Client, OPERATOR } from '../access/scopes.ts'
import type { RecordedAt } from '../audit/timeline-store.ts'
import { asAgency, type Database, type Db } from '../database/connection.ts'
import type { Clock } from '../words/clock.ts'

/** The auditor's door: what happened, to whom it was told and when, and whether anything is missing (contract §2, §6). */
export interface Proof {
  access: Access
  /** Acts for one agency, which sees its own. */
  app: Database
  /** Sees every agency, and no content; for the operator alone. */
  auditor: Database
  now: Clock
}

/** The operator's auditor reads every agency; anyone else reads what is theirs. */
export function reading<T>(deps: Proof, client: Client, work: (db: Db) => Promise<T>): Promise<T> {
  return client.agency === OPERATOR ? work(deps.auditor.kysely) : asAgency(deps.app, client.agency, work)
}

/** Reads the cursor of a Link header: when and which the last one was. */
export function readCursor(text: string): { at: Temporal.Instant; id: string } {
  const [at = '', id = ''] = text.split('|')
  try {
    return { at: Temporal.Instant.from(at), id }
  } catch {
    throw badCursor()
  }
}

/** Reads the cursor of the whole record: by which transaction, and where in which stream, the last event was recorded. */
export function readRecordedCursor(text: string): RecordedAt {
  const [, xid, seq, stream] = /^(\d{1,19})\|(\d{1,15})\|(.+)$/.exec(text) ?? []
  if (xid === undefined || seq === undefined || stream === undefined) throw badCursor()
  return { xid, seq: Number(seq), stream }
}

const badCursor = () =>
  new Problem({
    status: 400,
    code: 'bad-cursor',
    title: 'The cursor cannot be read',
    detail: 'Follow the Link header as it was given',
  })
