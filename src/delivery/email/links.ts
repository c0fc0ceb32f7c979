import { timingSafeEqual } from 'node:crypto'
import { hmac } from '../../database/sealing.ts'
import type { LinkId } from '../../words/ids.ts'
import type { Contact } from '../../words/recipient.ts'

/** What a link was made for: one dispatch, and whoever reads one mailbox. */
export interface LinkFor {
  id: LinkId
  dispatchId: string
  recipientId: string
  contact: Contact['role'] | 'mailbox'
  expiresAt: Temporal.Instant
}

/** Behind this path stands a token, and nothing else of a link in an e-mail. Short, for a mail program may break long lines. */
export const LINK_PATH = '/a'

/**
 * The token of a link: which one it is, and a signature over what it was made for. It holds no name, no school and no
 * dispatch; without our key nobody makes one, and a row that was altered does not match the one that was sent.
 */
export function tokenOf(key: Buffer, link: LinkFor): string {
  return `${link.id.slice('lnk_'.length)}.${signatureOf(key, link).toString('base64url')}`
}

/** The link a token names, unless it is none. Whether it is genuine only its row can tell: ask `isGenuine`. */
export function linkNamedBy(token: string): LinkId | null {
  const [, id] = /^([0-9a-f-]{36})\.[\w-]{43}$/.exec(token) ?? []
  return id === undefined ? null : `lnk_${id}`
}

/** Whether we made this token for what the row says. */
export function isGenuine(key: Buffer, token: string, link: LinkFor): boolean {
  const presented = Buffer.from(token.slice(token.indexOf('.') + 1), 'base64url')
  const wanted = signatureOf(key, link)
  return presented.length === wanted.length && timingSafeEqual(presented, wanted) && token === tokenOf(key, link)
}

function signatureOf(key: Buffer, { id, dispatchId, recipientId, contact, expiresAt }: LinkFor): Buffer {
  return hmac(key, ['link', id, dispatchId, recipientId, contact, expiresAt.epochMilliseconds].join('|'))
}

/** An address as it is compared and remembered without being kept: what planning found clear is written to, and no other. */
export function addressMark(key: Buffer, address: string): Buffer {
  return hmac(key, `address|${address.trim().toLowerCase()}`)
}

/** How long after its deadline a link still opens: as long as attempts go on. */
const AFTER_DEADLINE_HOURS = 75

/** When a link that is made now ends: with the dispatch's own life. */
export function linkExpiry(dueBy: Temporal.Instant, at: Temporal.Instant): Temporal.Instant {
  const from = Temporal.Instant.compare(dueBy, at) > 0 ? dueBy : at
  return from.add({ hours: AFTER_DEADLINE_HOURS }).round('millisecond')
}
