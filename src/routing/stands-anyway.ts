import type { NotDispatched, PlannedDispatch } from '../words/dispatch.ts'
import type { Notification } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import type { EarlierDispatch, Told } from './earlier-dispatches.ts'
import { aboutOne } from './tellings.ts'

/** What a newer version comes to, as far as it says that somebody told before may know. */
export interface Now {
  notification: Notification
  recipients: readonly Recipient[]
  sent: readonly PlannedDispatch[]
  notSent: readonly NotDispatched[]
}

/**
 * Nothing is sent to them now, and yet nothing says that they should not know: the school is not certain any more, the
 * recipient is out of reach, a closed school's successor is told in its place, or they hear of it as another kind of telling.
 */
export function standsAnyway(told: Told, { notification, recipients, sent, notSent }: Now): boolean {
  const last = told.holds ?? told.attempted.at(-1) ?? told.unseen.at(-1)
  if (last === undefined) return false
  const recipient = recipients.find(({ id }) => id === last.recipientId)
  if (recipient !== undefined && namedStill(recipient, last, notification)) return true
  if (sent.some((one) => one.kind !== 'recall' && samePlace(one, last))) return true
  return notSent.some(({ service, about, reason }) => {
    if (service !== last.service || !last.about.every((ref) => about.includes(ref))) return false
    return reason === 'the school is not certain' || (reason === 'recipient is out of reach' && recipient?.disabled === true)
  })
}

const samePlace = (one: PlannedDispatch, other: EarlierDispatch) =>
  one.service === other.service &&
  one.recipientId === other.recipientId &&
  (!aboutOne(one.service) || one.about[0] === other.about[0])

function namedStill({ urn, successorId }: Recipient, { about }: EarlierDispatch, { people }: Notification): boolean {
  if (urn === undefined || successorId === undefined) return false
  return people.some(({ ref, education }) => about.includes(ref) && education?.urns?.includes(urn))
}
