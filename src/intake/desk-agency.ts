import { restrictionsAgainst, statedHere } from '../routing/restrictions.ts'
import type { Desk } from '../words/dispatch.ts'
import type { AgencyId } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'

/**
 * Whose desk a task stands on (contract §1): the force's, the authority's social care, or the operator's. A task names people as a
 * dispatch does: from whom a restriction keeps them, it is kept too, and the force settles it itself.
 */
export function deskAgency(
  desk: Desk,
  {
    agency,
    notification,
    restrictions = statedHere(notification),
  }: { agency: AgencyId; notification: Notification; restrictions?: readonly KnownRestriction[] | undefined },
  recipients: readonly Recipient[],
): string {
  if (desk === 'directory') return 'operator'
  if (desk !== 'mash') return agency
  const { localAuthority } = notification.incident
  const socialCare = recipients.find(
    ({ service, authorities }) => service === 'childrens_social_care' && authorities.includes(localAuthority),
  )
  if (socialCare === undefined) return agency
  const { people } = notification
  const everybody = people.map(({ ref }) => ref)
  return restrictionsAgainst(socialCare, null, everybody, { restrictions, people }).length > 0 ? agency : socialCare.agency
}
