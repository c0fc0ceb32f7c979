import type { PersonRef, Urn } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'

/** A notification's own restrictions, as they bind it where nothing else is known: before any was stored. */
export function statedHere({ restrictions = [] }: Notification): KnownRestriction[] {
  return restrictions.map(({ personRef, ...rest }) => ({
    ...rest,
    id: null,
    from: 'this notification',
    binds: personRef === undefined ? 'everyone' : [personRef],
    protects: { addresses: [], schools: [] },
  }))
}

/**
 * Every restriction that forbids telling a recipient about these people. `urn` is how the notification named a closed school.
 */
export function restrictionsAgainst(
  recipient: Recipient,
  urn: Urn | null,
  about: readonly PersonRef[],
  { restrictions, people }: { restrictions: readonly KnownRestriction[]; people: Notification['people'] },
): KnownRestriction[] {
  return restrictions.filter(
    (restriction) =>
      restriction.kind === 'must_not_receive' && names(restriction, recipient, urn) && bindsTelling(restriction, people, about),
  )
}

/**
 * Restrictions of this notification that forbid a telling without saying to whom. They can bind nobody, so a person is asked
 * what they mean: here, and not again wherever else these people stand.
 */
export function restrictionsThatNameNobody(restrictions: readonly KnownRestriction[]): KnownRestriction[] {
  return restrictions.filter(
    (restriction) =>
      restriction.kind === 'must_not_receive' && restriction.from === 'this notification' && !saysWhom(restriction),
  )
}

function saysWhom({ recipientId, urn, odsCode, service }: KnownRestriction): boolean {
  return recipientId !== undefined || urn !== undefined || odsCode !== undefined || service !== undefined
}

/** All that a restriction says of the recipient must hold: `service` with a `urn` means that school and not every school. */
function names(restriction: KnownRestriction, recipient: Recipient, urn: Urn | null): boolean {
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
function bindsTelling({ binds }: KnownRestriction, people: Notification['people'], about: readonly PersonRef[]): boolean {
  if (binds === 'everyone') return true
  return binds.some((ref) => about.includes(ref) || people.find((person) => person.ref === ref)?.role !== 'child')
}
