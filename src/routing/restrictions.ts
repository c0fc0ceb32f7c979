import type { PersonRef, Urn } from '../words/ids.ts'
import type { Notification, Restriction } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'

/** The restriction that forbids telling a recipient, if there is one. `urn` is how the notification named a closed school. */
export function restrictionAgainst(
  notification: Notification,
  recipient: Recipient,
  urn: Urn | null,
  about: readonly PersonRef[],
): Restriction | null {
  for (const restriction of notification.restrictions ?? []) {
    if (restriction.kind !== 'must_not_receive') continue
    if (names(restriction, recipient, urn) && binds(restriction, notification, about)) return restriction
  }
  return null
}

/** Restrictions that forbid a telling without saying to whom. They can bind nobody, so a person is asked what they mean. */
export function restrictionsThatNameNobody(notification: Notification): Restriction[] {
  return (notification.restrictions ?? []).filter(
    (restriction) => restriction.kind === 'must_not_receive' && !saysWhom(restriction),
  )
}

function saysWhom({ recipientId, urn, odsCode, service }: Restriction): boolean {
  return recipientId !== undefined || urn !== undefined || odsCode !== undefined || service !== undefined
}

/** All that a restriction says of the recipient must hold: `service` with a `urn` means that school and not every school. */
function names(restriction: Restriction, recipient: Recipient, urn: Urn | null): boolean {
  if (!saysWhom(restriction)) return false
  if (restriction.recipientId !== undefined && restriction.recipientId !== recipient.id) return false
  if (restriction.urn !== undefined && restriction.urn !== recipient.urn && restriction.urn !== urn) return false
  if (restriction.odsCode !== undefined && restriction.odsCode !== recipient.odsCode) return false
  return restriction.service === undefined || restriction.service === recipient.service
}

/**
 * A restriction for one child leaves the others' dispatches alone. One that names an adult, who may be the very person who
 * must not read it, binds every dispatch to that recipient.
 */
function binds({ personRef }: Restriction, notification: Notification, about: readonly PersonRef[]): boolean {
  if (personRef === undefined || about.includes(personRef)) return true
  const person = notification.people.find(({ ref }) => ref === personRef)
  return person === undefined || person.role !== 'child'
}
