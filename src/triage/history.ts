import type { Reading } from '../policy/conditions.ts'
import type { Background, EarlierIncident } from '../words/background.ts'
import { londonStartMs, monthsBefore } from './days.ts'
import type { Situation } from './situation.ts'

/** How far the count of previous incidents looks back, in calendar months. */
const LOOK_BACK_MONTHS = 3

/**
 * Distinct earlier police references that share the victim, a child or the suspect, from the same day three calendar months
 * before the report (inclusive) to the report; the present one is not counted. Where the history may be short it is "at
 * least" that many (design, "Previous incidents").
 */
export function previousIncidents(situation: Situation): Reading {
  const { background } = situation
  const counted = background.earlier.length === 0 ? [] : countedIncidents(situation)
  const { length } = counted
  const found = length === 0 ? 'none known' : counted.map((incident) => shown(incident, situation)).join('; ')
  if (wholeSince(firstMomentCounted(situation), background)) {
    return length === 0 ? none : { ...none, from: length, to: length, found: `${length}: ${found}` }
  }
  const doubts = background.earlierDoubts.length === 0 ? 'the history may be short' : background.earlierDoubts.map((doubt) => doubt.replace(/\.$/, '')).join('; ')
  return { ...none, from: length, to: null, found: `at least ${length} (${doubts})${length === 0 ? '' : `: ${found}`}` }
}

const none = {
  kind: 'number',
  from: 0,
  to: 0,
  countsIn: false,
  atIncident: null,
  found: 'none known',
} as const satisfies Reading

const firstMomentCounted = ({ reportedOn }: Situation) => londonStartMs(monthsBefore(reportedOn, LOOK_BACK_MONTHS))

function wholeSince(firstMs: number, { earlierWholeFrom }: Background): boolean {
  return earlierWholeFrom !== null && earlierWholeFrom.epochMilliseconds <= firstMs
}

function countedIncidents(situation: Situation): EarlierIncident[] {
  const { notification, background, reportedAtMs } = situation
  const firstMs = firstMomentCounted(situation)
  const seen = new Set<string>([notification.policeReference])
  return background.earlier.filter((incident) => {
    const at = incident.occurredAt.epochMilliseconds
    if (at < firstMs || at > reportedAtMs || rolesHere(incident, situation).length === 0) return false
    // Another force's reference is not known to us; the stores already give each such incident once.
    if (incident.policeReference === null) return true
    if (seen.has(incident.policeReference)) return false
    seen.add(incident.policeReference)
    return true
  })
}

/** The roles, on this notification, of those who stood on the earlier one; an adult on its margins ties nothing together. */
function rolesHere({ matches }: EarlierIncident, { notification }: Situation): string[] {
  return notification.people
    .filter(({ ref, role }) => role !== 'other_adult' && matches.some((match) => match.ref === ref))
    .map(({ role }) => role)
}

/** Another household's history is nobody's business here: a match by suspect alone says that and no more. */
function shown(incident: EarlierIncident, situation: Situation): string {
  const roles = new Set(rolesHere(incident, situation))
  if (roles.size === 1 && roles.has('suspect')) return 'same suspect, another household'
  const reference = incident.policeReference ?? 'another force’s'
  return `${reference} (same ${[...roles].join(', ')})`
}
