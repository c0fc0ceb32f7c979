import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { appendAuditEvents } from '../../audit/append-audit-events.ts'
import { asAgency, type Database, type Trx } from '../../database/connection.ts'
import type { Keys } from '../../database/service-keys.ts'
import type { Clock } from '../../words/clock.ts'
import { recordAcknowledgement } from '../acknowledge.ts'
import { recordReturn } from '../answer-dispatch.ts'
import { contentOf } from '../queue-bodies.ts'
import { isKeptBack, lockOwnDispatch, type SealedDispatch } from '../queue-store.ts'
import {
  bindLink,
  findLink,
  type LinkAnswer,
  type LinkUse,
  lockLink,
  markAnswered,
  markShown,
  noteRefusal,
  type PresentedLink,
} from './link-use-store.ts'
import { isGenuine, linkNamedBy } from './links.ts'

/** What following a link needs. `database` is the role that sees one agency at a time. */
export interface LinkRoom {
  database: Database
  keys: Keys
  now: Clock
}

/** Why a link shows nothing. Each is told to whoever stands before it, with whom to ring instead. */
export type Refused =
  /** We never made it, or not for what its row says. */
  | { kind: 'no such link' }
  | { kind: 'ended'; link: PresentedLink }
  /** Another browser was first: it was forwarded, or followed before. */
  | { kind: 'opened elsewhere'; link: PresentedLink }
  /** The alert is held or taken back, or a newer one says what is so now. */
  | { kind: 'nothing to show'; link: PresentedLink; why: 'held' | 'withdrawn' | 'replaced' }

/** Whoever stands before a link: its token, and what our cookie said, if anything. */
export interface Follower {
  token: string
  cookie: string | null
}

/** How long after it was opened the browser that opened it still sees it. */
const SEEN_FOR_HOURS = 12
const PURPOSE = 'a school reads its alert at a link'

/** A link that is there and not yet over, and nothing of what it leads to: any program may follow it, and uses nothing up. */
export async function lookAtLink(
  room: LinkRoom,
  follower: Follower,
): Promise<{ kind: 'waiting'; service: string } | { kind: 'opened here' } | Refused> {
  return visiting(room, follower, async (trx, { link, use, at }) => {
    if (use.openedAt === null) {
      const row = await lockOwnDispatch(trx, link.dispatchId, link.agency)
      return shown(row, link, at) ?? { kind: 'waiting', service: row?.service ?? '' }
    }
    return openedHere(use, follower.cookie, at) ? { kind: 'opened here' } : refuse(trx, link, 'opened elsewhere', at)
  })
}

/**
 * Opens a link, as a person does who presses a button: from here on it is this browser's alone.
 * @returns the secret for the browser's cookie, new where it was opened just now
 */
export async function openLink(room: LinkRoom, follower: Follower): Promise<{ kind: 'opened'; cookie: string } | Refused> {
  return visiting(room, follower, async (trx, { link, use, at }) => {
    const { cookie } = follower
    if (use.openedAt !== null) {
      if (cookie !== null && openedHere(use, cookie, at)) return { kind: 'opened', cookie }
      return refuse(trx, link, 'opened elsewhere', at)
    }
    const row = await lockOwnDispatch(trx, link.dispatchId, link.agency)
    const nothing = shown(row, link, at)
    if (nothing || !row) return nothing ?? { kind: 'no such link' }
    const secret = randomBytes(32).toString('base64url')
    await bindLink(trx, link.id, browserOf(secret), at)
    await markShown(trx, row.id, at)
    const detail = { recipient: link.recipientId, contact: link.contact, link: link.id }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'link opened', actor: link.id, dispatch: row.id, detail },
    ])
    return { kind: 'opened', cookie: secret }
  })
}

/** An alert as the browser that opened its link may see it. */
export interface SeenAlert {
  kind: 'alert'
  dispatch: string
  service: string
  dispatchKind: SealedDispatch['kind']
  dueBy: Temporal.Instant
  overdue: boolean
  acknowledgedAt: Temporal.Instant | null
  answered: LinkAnswer | null
  content: Record<string, unknown>
}

/** Shows the alert behind a link this browser has opened. Every showing is a disclosure, with its purpose. */
export async function readByLink(room: LinkRoom, follower: Follower): Promise<SeenAlert | { kind: 'not opened yet' } | Refused> {
  return visiting(room, follower, async (trx, { link, use, at }) => {
    if (use.openedAt === null) return { kind: 'not opened yet' }
    if (!openedHere(use, follower.cookie, at)) return refuse(trx, link, 'opened elsewhere', at)
    const row = await lockOwnDispatch(trx, link.dispatchId, link.agency)
    const nothing = shown(row, link, at)
    if (nothing || !row) return nothing ?? { kind: 'no such link' }
    const content = contentOf(room.keys, row)
    const detail = { recipient: link.recipientId, contact: link.contact, link: link.id, purpose: PURPOSE }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'dispatch disclosed', actor: link.id, dispatch: row.id, detail },
    ])
    return {
      kind: 'alert',
      dispatch: row.id,
      service: row.service,
      dispatchKind: row.kind,
      dueBy: row.due_by,
      overdue: row.overdue,
      acknowledgedAt: row.acknowledged_at,
      answered: use.usedFor,
      content,
    }
  })
}

export type AnsweredByLink = { kind: 'answered'; answer: LinkAnswer; again: boolean } | { kind: 'not opened yet' } | Refused

/**
 * Answers by a link this browser has opened: somebody has it, which ends the clock, or the child is not there, which goes to a
 * person while the clock goes on. A link answers once; the same again is answered the same, and another answer changes nothing.
 */
export async function answerByLink(room: LinkRoom, follower: Follower, answer: LinkAnswer): Promise<AnsweredByLink> {
  return visiting(room, follower, async (trx, { link, use, at }) => {
    if (use.openedAt === null) return { kind: 'not opened yet' }
    if (!openedHere(use, follower.cookie, at)) return refuse(trx, link, 'opened elsewhere', at)
    if (use.usedFor !== null) return { kind: 'answered', answer: use.usedFor, again: true }
    const row = await lockOwnDispatch(trx, link.dispatchId, link.agency)
    const nothing = shown(row, link, at)
    if (nothing || !row) return nothing ?? { kind: 'no such link' }
    await markAnswered(trx, link.id, answer, at)
    if (answer === 'not_here') await recordReturn(trx, row, { reason: 'not_ours', note: null, actor: link.id, at })
    else if (row.acknowledged_at === null) {
      const by = answer === 'seen_by_deputy' ? 'the deputy, at the link' : 'the key adult, at the link'
      await recordAcknowledgement(trx, room.keys, row, {
        by,
        actor: link.id,
        at,
        detail: { as: answer === 'seen_by_deputy' ? 'deputy' : 'key_adult' },
      })
    }
    return { kind: 'answered', answer, again: false }
  })
}

/** How far this browser may look back at what it answered. Nothing is disclosed. */
export async function answeredByLink(room: LinkRoom, follower: Follower): Promise<AnsweredByLink> {
  return visiting(room, follower, async (trx, { link, use, at }) => {
    if (!openedHere(use, follower.cookie, at))
      return use.openedAt === null ? { kind: 'not opened yet' } : refuse(trx, link, 'opened elsewhere', at)
    return use.usedFor === null ? { kind: 'not opened yet' } : { kind: 'answered', answer: use.usedFor, again: true }
  })
}

interface Visit {
  link: PresentedLink
  use: LinkUse
  at: Temporal.Instant
}

/** What every visit begins with: the token is ours, for this very row, and not over. */
async function visiting<Seen>(
  room: LinkRoom,
  { token }: Follower,
  work: (trx: Trx, visit: Visit) => Promise<Seen | Refused>,
): Promise<Seen | Refused> {
  const at = room.now().round('millisecond')
  const id = linkNamedBy(token)
  const link = id === null ? null : await findLink(room.database.kysely, id)
  if (!link || !isGenuine(room.keys.service.link, token, link)) return { kind: 'no such link' }
  return asAgency(room.database, link.agency, async (trx) => {
    const use = await lockLink(trx, link.id)
    if (!use) return { kind: 'no such link' }
    if (Temporal.Instant.compare(at, link.expiresAt) >= 0) return refuse(trx, link, 'ended', at)
    return work(trx, { link, use, at })
  })
}

/** Tells the record that somebody stood before a link in vain, and whoever stood there why. */
async function refuse(trx: Trx, link: PresentedLink, why: 'ended' | 'opened elsewhere', at: Temporal.Instant): Promise<Refused> {
  const row = await lockOwnDispatch(trx, link.dispatchId, link.agency)
  if (row && (await noteRefusal(trx, link.id, at))) {
    const detail = { recipient: link.recipientId, contact: link.contact, link: link.id, why }
    await appendAuditEvents(trx, at, [
      { stream: row.notification_id, kind: 'link refused', actor: 'system', dispatch: row.id, detail },
    ])
  }
  return { kind: why, link }
}

/** Null where the alert may be shown. What its own school gave back it has seen, and is not shown again. */
function shown(row: SealedDispatch | null, link: PresentedLink, at: Temporal.Instant): Refused | null {
  if (row === null || row.state === 'held') return { kind: 'nothing to show', link, why: 'held' }
  if (row.replaced_by !== null || row.changing) return { kind: 'nothing to show', link, why: 'replaced' }
  if (row.state === 'withdrawn') return { kind: 'nothing to show', link, why: 'withdrawn' }
  return isKeptBack(row, at) ? { kind: 'nothing to show', link, why: 'held' } : null
}

function openedHere({ openedAt, openedBy }: LinkUse, cookie: string | null, at: Temporal.Instant): boolean {
  if (openedAt === null || openedBy === null || cookie === null) return false
  const presented = browserOf(cookie)
  const still = Temporal.Instant.compare(at, openedAt.add({ hours: SEEN_FOR_HOURS })) < 0
  return still && presented.length === openedBy.length && timingSafeEqual(presented, openedBy)
}

/** A browser as it is remembered: 256 random bits, so no slow hash is needed. */
const browserOf = (secret: string) => createHash('sha256').update(secret).digest()
