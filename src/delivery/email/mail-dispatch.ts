import type { Database } from '../../database/connection.ts'
import type { Keys } from '../../database/service-keys.ts'
import { openRecipient } from '../../directory/recipient-secrets.ts'
import type { Clock } from '../../words/clock.ts'
import type { Judged } from '../webhook/judge.ts'
import { type Claimed, sealedRecipients } from '../webhook/webhook-store.ts'
import { issueLinks } from './link-store.ts'
import { LINK_PATH, tokenOf } from './links.ts'
import { mailOf } from './mail-text.ts'
import type { Mailed, Mailer } from './mailer.ts'

/** What mailing a dispatch needs. */
export interface DispatchMailRoom {
  database: Database
  keys: Keys
  now: Clock
  mailer: Mailer | null
  publicUrl: string | null
}

/** Nearer than this to its deadline, the school is asked to look now. */
const NOW_WITHIN_HOURS = 24

/**
 * One attempt at telling a school by e-mail, of a dispatch that was claimed: a mail that says nothing but that something waits,
 * with a link that was written down before it is sent. A mail that was accepted is delivered; only the link shows the alert.
 */
export async function mailDispatch(
  { database, keys, now, mailer, publicUrl }: DispatchMailRoom,
  claimed: Claimed,
): Promise<Judged> {
  if (mailer === null || publicUrl === null)
    return { ...nothing, outcome: 'blocked', detail: 'no mail server is set', mend: 'e-mail is not set up here' }
  const { id: dispatchId, recipient_id: recipientId, due_by: dueBy } = claimed
  const to = await mailboxOf(database, keys, recipientId)
  if (to === null) return { ...nothing, outcome: 'failed', detail: 'its mailbox cannot be opened' }
  const at = now().round('millisecond')
  const [link] = await issueLinks(database, { dispatchId, recipientId, contact: 'mailbox', dueBy, count: 1 }, at)
  if (link === undefined) throw new Error('No link was made for a mail')
  const urgency = Temporal.Instant.compare(dueBy, at.add({ hours: NOW_WITHIN_HOURS })) <= 0 ? 'now' : 'today'
  const address = `${publicUrl}${LINK_PATH}/${tokenOf(keys.service.link, link)}`
  return judgeMail(
    await mailer.send(mailOf(to, { why: 'alert waiting', urgency, reference: dispatchId, address, personal: true })),
  )
}

const nothing = { status: null, detail: null, mend: null, disable: false, retryAfterSeconds: null }

/** What a mail comes to. Pure. Nothing is ever sent in the clear instead, so a server that cannot encrypt is a failed attempt. */
export function judgeMail(mailed: Mailed): Judged {
  switch (mailed.kind) {
    case 'accepted':
      return { ...nothing, outcome: 'delivered', status: mailed.status }
    case 'refused':
      return { ...nothing, outcome: 'refused', status: mailed.status, mend: 'the address refuses' }
    case 'timed out':
      return { ...nothing, outcome: 'timed_out' }
    case 'failed':
      return { ...nothing, outcome: 'failed', status: mailed.status, detail: mailed.why }
    default: {
      const never: never = mailed
      return never
    }
  }
}

/** Null where the row cannot be opened: the attempt then fails, and is tried again once the directory has written it. */
async function mailboxOf(database: Database, keys: Keys, recipientId: string): Promise<string | null> {
  const [row] = await sealedRecipients(database, [recipientId])
  if (!row) return null
  try {
    return openRecipient(keys.ring, recipientId, row).mailbox ?? null
  } catch {
    // Said by the attempt, and by `doctor`, which names the key that is absent.
    return null
  }
}
