import type { Reading } from '../policy/conditions.ts'
import type { Background, EarlierIncident } from '../words/background.ts'
import { dateText, londonStartMs, monthsBefore } from './days.ts'
import type { Situation } from './situation.ts'

/** How far the count of previous incidents looks back, in calendar months. */
const PREVIOUS_MONTHS = 3
/** How far the count of repeated incidents, and the look for a referral to MARAC, go back, in calendar months. */
const REPEATED_MONTHS = 12

/**
 * Distinct earlier police references that share the victim, a child or the suspect, from the same day three calendar months
 * before the report (inclusive) to the report; the present one is not counted. Where the history may be short it is "at
 * least" that many (design, "Previous incidents").
 */
export function previousIncidents(situation: Situation): Reading {
  const { counted, found, doubt } = lookBack(situation, PREVIOUS_MONTHS)
  if (doubt === null) return numbered(counted, counted, counted === 0 ? 'none known' : `${counted}: ${found}`)
  return numbered(counted, null, `at least ${counted} (${doubt})${counted === 0 ? '' : `: ${found}`}`)
}

/**
 * The same over twelve calendar months, and with the present one, so it is never under 1: how procedures count that speak of
 * the third notification or of several incidents (design, "LLR" and "Camden").
 */
export function incidentsWithThisOne(situation: Situation): Reading {
  const { counted, found, doubt } = lookBack(situation, REPEATED_MONTHS)
  const all = counted + 1
  if (doubt === null) return numbered(all, all, counted === 0 ? 'this one alone' : `${all}: this one; ${found}`)
  return numbered(all, null, `at least ${all} (${doubt}): this one${counted === 0 ? '' : `; ${found}`}`)
}

/**
 * Whether a MARAC register shows a referral of the same victim and suspect in those twelve months. No register claims to be
 * whole, so that it shows none is no more than that, and is never read as a no.
 */
export function maracReferral({ background, reportedOn, reportedOnText }: Situation): Reading {
  if (background.maracs.length === 0) return noneRegistered
  const first = dateText(monthsBefore(reportedOn, REPEATED_MONTHS))
  const last = background.maracs.find(({ referredOn }) => referredOn >= first && referredOn <= reportedOnText)
  return last === undefined ? noneRegistered : { kind: 'text', text: 'registered', found: `referred on ${last.referredOn}` }
}

const noneRegistered: Reading = { kind: 'text', text: 'none registered', found: 'no referral is registered' }

function numbered(from: number, to: number | null, found: string): Reading {
  return { kind: 'number', from, to, countsIn: false, atIncident: null, found }
}

/** The earlier incidents of so many months, shown, and why there may be more; no doubt where the history is whole. */
function lookBack(situation: Situation, months: number): { counted: number; found: string; doubt: string | null } {
  const { background, reportedOn } = situation
  const firstMs = londonStartMs(monthsBefore(reportedOn, months))
  const counted = background.earlier.length === 0 ? [] : countedIncidents(situation, firstMs)
  const found = counted.map((incident) => shown(incident, situation)).join('; ')
  if (wholeSince(firstMs, background)) return { counted: counted.length, found, doubt: null }
  const { earlierDoubts } = background
  return {
    counted: counted.length,
    found,
    doubt: earlierDoubts.length === 0 ? 'the history may be short' : earlierDoubts.join('; '),
  }
}

function wholeSince(firstMs: number, { earlierWholeFrom }: Background): boolean {
  return earlierWholeFrom !== null && earlierWholeFrom.epochMilliseconds <= firstMs
}

function countedIncidents(situation: Situation, firstMs: number): EarlierIncident[] {
  const { notification, background, reportedAtMs } = situation
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
