import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { EarlierIncident, PossibleMatch } from '../words/background.ts'
import type { AgencyId, NotificationId } from '../words/ids.ts'
import { completeFrom } from './force-history-store.ts'
import type { KeyedPerson } from './keys-of-people.ts'
import { certainKinds, type PersonKeyKind } from './person-keys.ts'
import { possibleIncidents } from './possible-incidents.ts'
import { type Answer, referenceOf, type Seen } from './seen.ts'

/** A look-up stops here, newest first, and says so (design, invariant 11): one much-used key must not slow every triage. */
export const ROWS_PER_KEY_MAX = 50
/** The longest look-back of any procedure is twelve months; one more covers a report that comes long after its incident. */
const LOOKED_UP_MONTHS = 13
const NEEDED_MONTHS = 12

/** A notification whose people are looked up, and what is needed to leave out itself. */
export interface LookedUp {
  id: NotificationId
  /** The force that sent it. */
  agency: AgencyId
  policeReference: string
  occurredAt: Temporal.Instant
  reportedAt: Temporal.Instant
  people: readonly KeyedPerson[]
}

/** What is known of a notification's people from before it. */
export interface Earlier {
  /** Newest first, one a police reference. */
  incidents: EarlierIncident[]
  /** Incidents of people who may be these, newest first; none of them is among `incidents`. */
  possible: PossibleMatch[]
  /** From when on `incidents` is whole; null when that cannot be said of any time. */
  wholeFrom: Temporal.Instant | null
  /** Why it may not be, in words a reviewer can read. */
  doubts: string[]
}

/**
 * Two index ranges a key: notifications, and the register of incidents from before go-live, whose rows are version 0 so that
 * a notification of the same reference stands before them. `latest` is there because withdrawing acts on a reference's newest
 * version, while the older ones stay as they were: a reference whose newest version is withdrawn never counts.
 */
const EARLIER = `
  with asked as (
    select * from unnest($1::bytea[], $2::timestamptz[], $3::timestamptz[]) with ordinality as asked (key, not_before, before, number))
  select asked.number::int as asked, p.role, p.ref, n.agency, n.police_reference, n.version, n.occurred_at,
         'withdrawn' in (n.state, latest.state) as withdrawn, n.id
  from asked
  cross join lateral (
    select k.notification_id, k.role, k.ref from person_key k
    where k.key = asked.key and k.occurred_at >= asked.not_before and k.occurred_at < asked.before
    order by k.occurred_at desc limit ${ROWS_PER_KEY_MAX}) p
  join notification n on n.id = p.notification_id
  cross join lateral (
    select l.state from notification l
    where l.agency = n.agency and l.police_reference = n.police_reference order by l.version desc limit 1) latest
  union all
  select asked.number::int, r.role, null, r.agency, r.police_reference, 0, r.occurred_at, coalesce(latest.state = 'withdrawn', false), ''
  from asked
  cross join lateral (
    select k.role, k.agency, k.police_reference, k.occurred_at from earlier_incident_key k
    where k.key = asked.key and k.occurred_at >= asked.not_before and k.occurred_at < asked.before
    order by k.occurred_at desc limit ${ROWS_PER_KEY_MAX}) r
  left join lateral (
    select l.state from notification l
    where l.agency = r.agency and l.police_reference = r.police_reference order by l.version desc limit 1) latest on true
  order by 1, 7 desc, 9`

/**
 * The earlier incidents of many notifications' victims, suspects and children, in any role they had then. Certain keys alone
 * count; what the others find is only possible. "Earlier" is by when the incident happened, and strictly: two reports of one
 * moment are one incident. Costs two index ranges a key, however much is stored.
 */
export async function findEarlierIncidents(db: Db, wanted: readonly LookedUp[]): Promise<Map<NotificationId, Earlier>> {
  const asks = wanted.flatMap(asksOf)
  const found = Map.groupBy(asks.length === 0 ? [] : await lookUp(db, asks), ({ asked }) => asked)
  const histories = await completeFrom(db, [...new Set(wanted.map(({ agency }) => agency))])
  const rowsOf = (index: number) => (found.get(index + 1) ?? []).slice(0, ROWS_PER_KEY_MAX)
  const answers = asks.map(({ of, ref, kind }, index) => ({ of, ref, kind, rows: rowsOf(index) }))
  const byNotification = Map.groupBy(answers, ({ of }) => of)
  return new Map(wanted.map((of) => [of.id, assembled(of, byNotification.get(of) ?? [], histories.get(of.agency) ?? null)]))
}

/** The start of the day in London, so many calendar months before. */
export function monthsBefore(moment: Temporal.Instant, months: number): Temporal.Instant {
  return moment.toZonedDateTimeISO('Europe/London').subtract({ months }).startOfDay().toInstant()
}

function asksOf(of: LookedUp) {
  const asks = of.people
    .filter(({ role }) => role !== 'other_adult')
    .flatMap(({ ref, keys }) => keys.map(({ key, kind }) => ({ of, ref, key, kind })))
  // A household shares its address: whoever of them is asked about, the answer is one.
  const asked = new Set<string>()
  return asks.filter(({ key, kind }) => {
    const name = key.toString('base64')
    if (!atAnAddress(kind) || !asked.has(name)) return asked.add(name)
    return false
  })
}

const atAnAddress = (kind: PersonKeyKind) => kind === 'address' || kind === 'uprn'

async function lookUp(db: Db, asks: readonly { of: LookedUp; key: Buffer }[]): Promise<Seen[]> {
  const { rows } = await db.executeQuery<Seen>(
    CompiledQuery.raw(EARLIER, [
      asks.map(({ key }) => key),
      asks.map(({ of }) => monthsBefore(of.reportedAt, LOOKED_UP_MONTHS)),
      asks.map(({ of }) => of.occurredAt),
    ]),
  )
  return rows
}

function assembled(of: LookedUp, answers: readonly Answer[], historyFrom: Temporal.Instant | null): Earlier {
  const certain = answers.filter(({ kind }) => certainKinds.has(kind))
  const needed = monthsBefore(of.reportedAt, NEEDED_MONTHS)
  const doubts: string[] = []
  let wholeFrom = historyFrom
  if (!historyFrom) doubts.push('The force has not said from when its history here is whole.')
  else if (Temporal.Instant.compare(historyFrom, needed) > 0)
    doubts.push(`The force's history here is whole only from ${dayOf(historyFrom)}.`)
  for (const { ref, rows } of certain) {
    const oldest = rows.at(-1)
    if (rows.length < ROWS_PER_KEY_MAX || !oldest) continue
    doubts.push(
      `${ref} stands on ${ROWS_PER_KEY_MAX} earlier records or more: older than ${dayOf(oldest.occurred_at)} nobody looked.`,
    )
    if (wholeFrom) wholeFrom = later(wholeFrom, oldest.occurred_at)
  }
  for (const { ref, role } of of.people.filter(cannotBeLookedUp)) {
    doubts.push(`The ${role} ${ref} has neither a name with a date of birth nor an identifier, so nobody could look.`)
    wholeFrom = null
  }
  const counted = incidentsOf(of, certain)
  const possible = possibleIncidents(of, answers, new Set(counted.keys()))
  const incidents = [...counted.values()].sort((a, b) => Temporal.Instant.compare(b.occurredAt, a.occurredAt))
  return { incidents, possible, wholeFrom, doubts }
}

/** A party whom no certain key names: an earlier incident of theirs cannot be found, so a count is "at least". */
function cannotBeLookedUp({ role, keys }: KeyedPerson): boolean {
  return (role === 'victim' || role === 'suspect') && !keys.some(({ kind }) => certainKinds.has(kind))
}

/** By reference, each once. */
function incidentsOf(of: LookedUp, answers: readonly Answer[]): Map<string, EarlierIncident> {
  const byReference = new Map<string, { version: number; incident: EarlierIncident }>()
  for (const { ref, rows } of answers) {
    for (const row of rows) {
      const ours = row.agency === of.agency
      if (row.withdrawn || (ours && row.police_reference === of.policeReference)) continue
      const reference = referenceOf(row)
      const known = byReference.get(reference)
      const matches = known?.incident.matches ?? []
      if (!matches.some((match) => match.ref === ref && match.role === row.role)) matches.push({ ref, role: row.role })
      if (known && known.version >= row.version) continue
      const policeReference = ours ? row.police_reference : null
      byReference.set(reference, { version: row.version, incident: { policeReference, occurredAt: row.occurred_at, matches } })
    }
  }
  return new Map([...byReference].map(([reference, { incident }]) => [reference, incident]))
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) > 0 ? a : b
}

function dayOf(moment: Temporal.Instant): string {
  return moment.toZonedDateTimeISO('Europe/London').toPlainDate().toString()
}
