import type { ManifestDifference } from '../audit/manifest-store.ts'
import { somebodyThere } from '../routing/calendar.ts'
import type { Sign } from '../words/alarm.ts'
import type { DateText } from '../words/clock.ts'
import type { AgencyId, AuthorityCode, RecipientId } from '../words/ids.ts'
import type { WeekHours } from '../words/recipient.ts'

type Instant = Temporal.Instant

/** What was measured of everything that is watched. Counts and references only. */
export interface Measured {
  forces: readonly ForceTraffic[]
  floors: readonly Floor[]
  queues: readonly WaitingQueue[]
  suspended: readonly Suspension[]
  manifests: readonly ManifestDifference[]
  /** Forces that have sent a manifest in the last fortnight, and none for this day. */
  withoutManifest: readonly { agency: AgencyId; day: DateText }[]
}

/** How a force has sent lately, in the four weeks before its last notification. */
export interface ForceTraffic {
  agency: AgencyId
  count: number
  lastAt: Instant
  longestGapMs: number
}

/** What is expected of a force, or of it in one authority, and what came. */
export interface Floor {
  agency: AgencyId
  /** Null: the force as a whole. */
  authority: AuthorityCode | null
  atLeast: number
  withinHours: number
  setAt: Instant
  came: number
}

/** A pull queue in which something waits that is more than a day old, and of which nothing was collected for a day. */
export interface WaitingQueue {
  recipientId: RecipientId
  agency: AgencyId
  name: string
  hours: WeekHours | null
  waiting: number
  oldestAt: Instant
}

export interface Suspension {
  recipientId: RecipientId
  agency: AgencyId
  name: string
  until: Instant
}

/** A force whose usual silence cannot be told yet: fewer than these say nothing about what is usual. */
const USUAL_FROM = 50
/** A silence is longer than usual when it is half as long again as the longest of four weeks. */
const LONGER_THAN_USUAL = 1.5
/** Less than this is no silence, however busy the force. */
const SILENCE_MS_MIN = 2 * 60 * 60 * 1000
/** No procedure says how soon somebody must look; an hour is assumed, because what was not sent may be a child at high risk. */
const LOOK_WITHIN_HOURS = 1
const REFERENCES_NAMED_MAX = 20

/** When a force's silence is longer than usual; null while nobody can say what is usual of it. Pure. */
export function silentFrom({ count, lastAt, longestGapMs }: ForceTraffic): Instant | null {
  if (count < USUAL_FROM) return null
  return lastAt.add({ milliseconds: Math.max(SILENCE_MS_MIN, Math.ceil(longestGapMs * LONGER_THAN_USUAL)) })
}

/** Every silence that should be an alarm at that moment. Pure: nothing is remembered, so what has ended is simply not here. */
export function signsOf(measured: Measured, at: Instant): Sign[] {
  const dueBy = at.add({ hours: LOOK_WITHIN_HOURS })
  return [
    ...measured.forces.flatMap((force) => silentForce(force, at, dueBy)),
    ...measured.floors.flatMap((floor) => tooFew(floor, at, dueBy)),
    ...measured.queues.flatMap((queue) => notCollected(queue, at, dueBy)),
    ...measured.suspended.map(suspended),
    ...measured.manifests.flatMap((difference) => differs(difference, dueBy)),
    ...measured.withoutManifest.map(
      ({ agency, day }): Sign => ({
        kind: 'manifest missing',
        agency,
        day,
        since: at,
        says: `${agency} has sent no manifest for ${day}, and it usually does. Ask it what it sent that day, and put the manifest.`,
        dueBy,
      }),
    ),
  ]
}

function silentForce(force: ForceTraffic, at: Instant, dueBy: Instant): Sign[] {
  const from = silentFrom(force)
  if (from === null || Temporal.Instant.compare(at, from) < 0) return []
  const says = `${force.agency} has sent nothing since ${force.lastAt.round('minute')}, longer than it has been silent in four weeks. Ask it whether its notifications still leave it.`
  return [{ kind: 'no notifications', agency: force.agency, since: force.lastAt, says, dueBy }]
}

function tooFew({ agency, authority, atLeast, withinHours, setAt, came }: Floor, at: Instant, dueBy: Instant): Sign[] {
  const since = at.subtract({ hours: withinHours })
  // Until so many hours have passed since it was set, nobody can say that too few came in them.
  if (came >= atLeast || Temporal.Instant.compare(since, setAt) < 0) return []
  const where = authority === null ? '' : ` from ${authority}`
  const says = `${agency} has sent ${came} notifications${where} in ${withinHours} hours, and at least ${atLeast} are expected. Ask it whether any were left behind.`
  return [{ kind: 'too few notifications', agency, ...(authority === null ? {} : { authority }), since, says, dueBy }]
}

function notCollected(
  { recipientId, agency, name, hours, waiting, oldestAt }: WaitingQueue,
  at: Instant,
  dueBy: Instant,
): Sign[] {
  // A team that has closed for the weekend is asked when it opens; what cannot wait has rung its duty contact already.
  if (hours !== null && !somebodyThere(hours, at)) return []
  const says = `${waiting} dispatches wait for ${name}, the oldest since ${oldestAt.round('minute')}, and nothing has been collected for a day. Ring it, and ask whether its system still collects.`
  return [{ kind: 'no collection', agency, recipientId, since: oldestAt, says, dueBy }]
}

function suspended({ recipientId, agency, name, until }: Suspension): Sign {
  const says = `The route to ${name} is suspended until ${until.round('minute')}. Whoever is due to be told by it is rung meanwhile. End it as soon as its reason is gone.`
  return { kind: 'route suspended', agency, recipientId, since: until, says, dueBy: until }
}

function differs({ agency, day, putAt, notReceived, notListed }: ManifestDifference, dueBy: Instant): Sign[] {
  if (notReceived.length === 0 && notListed.length === 0) return []
  const parts = [
    ...(notReceived.length > 0 ? [`Sent by the force and not received here: ${named(notReceived)}. Send them again.`] : []),
    ...(notListed.length > 0 ? [`Received here and not on the manifest: ${named(notListed)}. Who sent them?`] : []),
  ]
  return [
    { kind: 'manifest differs', agency, day, since: putAt, says: `The manifest of ${day} differs. ${parts.join(' ')}`, dueBy },
  ]
}

function named(references: readonly string[]): string {
  const more = references.length - REFERENCES_NAMED_MAX
  return `${references.slice(0, REFERENCES_NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What a sign is about: an alarm stands once for each. */
export function alarmKey({ kind, agency, authority, recipientId, day }: Sign): string {
  return [kind, agency, authority ?? '', recipientId ?? '', day ?? ''].join('|')
}
