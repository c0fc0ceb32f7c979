import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Packs } from '../../src/policy/edition.ts'
import { loadPacks } from '../../src/policy/load.ts'
import { planRouting, type RoutingPlan } from '../../src/routing/plan.ts'
import { outcomeOf } from '../../src/triage/rulings.ts'
import type { Background, EarlierIncident } from '../../src/words/background.ts'
import type { AuthorityCode } from '../../src/words/ids.ts'
import type { Incident, Notification, Person, RiskAssessment } from '../../src/words/notification.ts'
import type { Outcome } from '../../src/words/outcome.ts'
import type { Recipient } from '../../src/words/recipient.ts'
import { aBackground, aNotification, anEarlierIncident, aRiskAssessment, aSuspect, aVictim } from './builders.ts'

/** The packs as they stand in `policies/`. */
export const packs: Packs = await loadPacks(fileURLToPath(new URL('../../policies/', import.meta.url)))

/** The example directory, read as the service would read it. */
export const exampleRecipients: readonly Recipient[] = readFileSync(
  new URL('../examples/directory.ndjson', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((text) => {
    const { opensAt = '08:45', ...line }: Pick<Recipient, 'id' | 'service' | 'name' | 'channel'> & { opensAt?: string } =
      JSON.parse(text)
    const calendar = { opensAt, terms: [], closedDays: [] }
    return { agency: line.id, authorities: [], contacts: [], serves: [], disabled: false, ...line, calendar }
  })

/** One notification, decided from end to end without an effect: what the rules say, and what follows from it. */
export interface Decided {
  notification: Notification
  outcome: Outcome
  plan: RoutingPlan
}

/** Triages and plans one notification, released as it is reported. */
export function decided(
  notification: Notification,
  background: Background = aBackground(),
  recipients: readonly Recipient[] = exampleRecipients,
): Decided {
  const outcome = outcomeOf({ notification, background, packs })
  const releaseAt = Temporal.Instant.from(notification.incident.reportedAt)
  // What a notification leaves open is asked about beside what its rules say, and has tests of its own.
  const plan = planRouting({ notification, outcome, background, gaps: [], recipients, releaseAt })
  return { notification, outcome, plan }
}

/** What a case says beside the builders' dull defaults: standard risk, four ticks, nothing else known against anybody. */
export interface GivenCase {
  victim?: Partial<Person>
  suspect?: Partial<Person>
  risk?: Partial<RiskAssessment>
  incident?: Partial<Incident>
  rest?: Partial<Notification>
  /** How many earlier incidents of the same victim there were. */
  earlier?: number
  /** The day on which the same victim and suspect were last referred to MARAC. */
  maracOn?: string
}

/** Decides a case in an authority: a victim, a suspect and the others, with what is given. */
export function aCaseDecided(authority: AuthorityCode, others: Person[], given: GivenCase = {}): Decided {
  const notification = aNotification({
    people: [aVictim(given.victim), aSuspect(given.suspect), ...others],
    riskAssessments: [aRiskAssessment(given.risk)],
    ...given.rest,
    incident: { localAuthority: authority, ...given.incident },
  })
  const earlier = earlierIncidents(given.earlier ?? 0, notification.incident.reportedAt)
  const { maracOn } = given
  const maracs = maracOn === undefined ? [] : [{ victim: 'v1', suspect: 's1', referredOn: maracOn, convenedOn: null }]
  return decided(notification, aBackground({ earlier, maracs }))
}

/** So many earlier incidents of the same victim, a month and more apart, the latest a month before the report. */
export function earlierIncidents(count: number, before: string): EarlierIncident[] {
  const reportedAt = Temporal.Instant.from(before).toZonedDateTimeISO('UTC')
  return Array.from({ length: count }, (_, index) =>
    anEarlierIncident({
      policeReference: `ZZ-EARLIER-${index + 1}`,
      occurredAt: reportedAt.subtract({ months: index + 1 }).toInstant(),
    }),
  )
}

/**
 * Who is told and which desk is asked, one a line: `health notification to health-herts about c1, within 72 hours` and
 * `mash is asked by some-rule, within 24 hours`.
 */
export function account({ plan, notification }: Decided): string[] {
  const told = plan.dispatches.map(({ service, kind, recipientId, about, asks, dueBy }) => {
    const asking = asks === null ? '' : `, asking for a ${asks.replaceAll('_', ' ')}`
    return `${service} ${kind} to ${recipientId} about ${about.join(' and ')}${asking}, ${due(dueBy, notification)}`
  })
  const asked = plan.tasks.map(({ desk, questions, dueBy }) => {
    const rules = [...new Set(questions.flatMap((question) => question.rules))]
    return `${desk} is asked by ${rules.join(', ')}, ${due(dueBy, notification)}`
  })
  return [...told, ...asked]
}

/** By the clock of the procedure where it is a whole number of hours, else by London's clock, as schools have it. */
function due(dueBy: Temporal.Instant, { incident }: Notification): string {
  const minutes = Temporal.Instant.from(incident.reportedAt).until(dueBy).total('minutes')
  if (minutes === 60) return 'within 1 hour'
  if (minutes > 0 && minutes % 60 === 0) return `within ${minutes / 60} hours`
  return `by ${dueBy.toZonedDateTimeISO('Europe/London').toPlainDateTime().toString({ smallestUnit: 'minute' })}`
}
