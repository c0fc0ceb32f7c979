import type { Background } from '../words/background.ts'
import type { AuthorityCode } from '../words/ids.ts'
import type { Notification, Person, SocialCare } from '../words/notification.ts'

/** Someone a rule tells a service about: a person, or the unborn child that person carries. */
export interface Subject {
  person: Person
  unborn: boolean
}

/** Why an authority is told about a child. */
export type Tie = 'lives there' | 'incident there' | 'moved there' | 'staying there' | 'open case' | 'looked after'

/** One authority that is told about a child. */
export interface AuthorityTold {
  authority: AuthorityCode
  ties: Tie[]
  /** The family has left it: it is told, and never learns the new address. */
  leftBehind: boolean
}

/**
 * The authorities told about a child: where the child lives, is staying now, has an open case or is looked after, and where
 * the family has moved to (design, "Settled ambiguities": authority told). The incident's authority stands in where the
 * notification does not say where the child lives.
 */
export function authoritiesTold(notification: Notification, background: Background, subject: Subject): AuthorityTold[] {
  const ties = new Map<AuthorityCode, Tie[]>()
  const tie = (authority: AuthorityCode | undefined, why: Tie): void => {
    if (authority === undefined) return
    const known = ties.get(authority)
    if (known === undefined) ties.set(authority, [why])
    else known.push(why)
  }
  const { person } = subject
  const home = statedHome(subject)
  if (home === undefined) tie(notification.incident.localAuthority, 'incident there')
  else tie(home, 'lives there')
  tie(notification.moved?.toAuthority, 'moved there')
  tie(person.stayingAuthority, 'staying there')
  tie(person.lookedAfterBy, 'looked after')
  tie(openCaseAuthority(person.socialCare), 'open case')
  if (subject.unborn) tie(openCaseAuthority(person.unborn?.socialCare), 'open case')
  // A stale register reads as unknown to a rule, but an authority that had a case yesterday is still worth telling.
  for (const match of background.openCases) if (match.ref === person.ref) tie(match.authority, 'open case')
  return [...ties].map(([authority, why]) => ({
    authority,
    ties: why,
    leftBehind: leftBehind(notification, authority, why, home),
  }))
}

/** The child lives elsewhere and nobody has said where: a person must find the authority. */
export function homeAuthorityMissing(subject: Subject): boolean {
  return subject.person.household === 'elsewhere' && statedHome(subject) === undefined
}

function statedHome(subject: Subject): AuthorityCode | undefined {
  if (!subject.unborn) return subject.person.localAuthority
  return subject.person.unborn?.localAuthority ?? subject.person.localAuthority
}

function openCaseAuthority(care: SocialCare | undefined): AuthorityCode | undefined {
  return care?.open === 'yes' ? care.authority : undefined
}

/**
 * The authority the family moved from, and one tied only by an old case or by the incident while the child lives in another.
 * A case open where the child no longer lives is a move that nobody wrote down, so it counts even without `moved`.
 */
function leftBehind(notification: Notification, authority: AuthorityCode, ties: Tie[], home: AuthorityCode | undefined): boolean {
  const movedTo = notification.moved?.toAuthority
  if (notification.moved?.fromAuthority === authority && movedTo !== authority) return true
  if (ties.some((why) => why !== 'open case' && why !== 'incident there')) return false
  return (home ?? movedTo ?? authority) !== authority
}
