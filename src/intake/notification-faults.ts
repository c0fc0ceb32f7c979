import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import type { Fault } from '../access/problems.ts'
import { instantText } from '../access/times.ts'
import type { Notification } from '../words/notification.ts'
import { notificationBody } from './notification-body.ts'

/** A force's clock may be this far ahead of ours. */
const AHEAD_MAX_MS = 5 * 60 * 1000

export type ReadNotification = { kind: 'notification'; notification: Notification } | { kind: 'faults'; faults: Fault[] }

/**
 * Reads a body as a notification, or names every fault in it at once: those of shape, and those between fields. The
 * second kind is looked for even where the first was found, so that an officer mends a form once.
 */
export function readNotification(value: unknown, at: Temporal.Instant): ReadNotification {
  const parsed = notificationBody.safeParse(value)
  if (parsed.success) {
    const faults = faultsBetween(parsed.data, at)
    return faults.length === 0 ? { kind: 'notification', notification: parsed.data } : { kind: 'faults', faults }
  }
  const shaped = comparable.safeParse(value)
  const between = shaped.success ? faultsBetween(shaped.data, at) : []
  return { kind: 'faults', faults: [...faultsOf(parsed.error, notificationBody), ...between] }
}

/** What the checks between fields read: where a part is out of shape it is left out here, and its own fault stands already. */
type Comparable = {
  incident: { occurredAt?: string; occurredUntil?: string; reportedAt?: string }
  people: { ref?: string; role?: string; dateOfBirth?: string; relatedTo?: { ref?: string }[] }[]
  riskAssessments?: { personRef?: string }[]
  restrictions?: { personRef?: string }[]
  orders?: { personRef?: string }[]
}

const text = () => z.string().optional().catch(undefined)
const instant = () => instantText().optional().catch(undefined)
const named = () =>
  z
    .array(z.object({ personRef: text() }).catch({}))
    .optional()
    .catch(undefined)
const comparable: z.ZodType<Comparable> = z.object({
  incident: z.object({ occurredAt: instant(), occurredUntil: instant(), reportedAt: instant() }).catch({}),
  people: z
    .array(
      z
        .object({
          ref: text(),
          role: text(),
          dateOfBirth: z.iso.date().optional().catch(undefined),
          relatedTo: z
            .array(z.object({ ref: text() }).catch({}))
            .optional()
            .catch(undefined),
        })
        .catch({}),
    )
    .catch([]),
  riskAssessments: named(),
  restrictions: named(),
  orders: named(),
})

function faultsBetween(body: Comparable, at: Temporal.Instant): Fault[] {
  return [...faultsOfTimes(body.incident, at), ...faultsOfPeople(body), ...faultsOfRefs(body)]
}

function faultsOfTimes({ occurredAt, occurredUntil, reportedAt }: Comparable['incident'], at: Temporal.Instant): Fault[] {
  const faults: Fault[] = []
  const add = (field: string, code: string, detail: string) => faults.push({ pointer: `/incident/${field}`, code, detail })
  const reported = reportedAt === undefined ? null : Temporal.Instant.from(reportedAt)
  if (reported && reported.epochMilliseconds > at.epochMilliseconds + AHEAD_MAX_MS) {
    add('reportedAt', 'in-the-future', 'The report lies in the future; five minutes ahead is the most')
  }
  if (occurredAt === undefined) return faults
  const occurred = Temporal.Instant.from(occurredAt)
  if (reported && Temporal.Instant.compare(occurred, reported) > 0) {
    add('occurredAt', 'after-report', 'The incident cannot come after its report')
  }
  if (occurredUntil !== undefined && Temporal.Instant.compare(Temporal.Instant.from(occurredUntil), occurred) < 0) {
    add('occurredUntil', 'before-start', 'A course of conduct cannot end before it began')
  }
  return faults
}

function faultsOfPeople({ people, incident }: Comparable): Fault[] {
  const faults: Fault[] = []
  if (people.length > 0 && !people.some(({ role }) => role === 'victim')) {
    faults.push({ pointer: '/people', code: 'no-victim', detail: 'Name at least one person with the role victim' })
  }
  const reportedOn =
    incident.reportedAt && Temporal.Instant.from(incident.reportedAt).toZonedDateTimeISO('Europe/London').toPlainDate().toString()
  const refs = new Set<string>()
  for (const [index, { ref, dateOfBirth }] of people.entries()) {
    if (ref !== undefined && refs.has(ref)) {
      faults.push({
        pointer: `/people/${index}/ref`,
        code: 'ref-taken',
        detail: 'Another person of this notification has this ref',
      })
    }
    if (ref !== undefined) refs.add(ref)
    // YYYY-MM-DD compares as text. A birth after `occurredAt` but before the report is a finding for triage, not a fault.
    if (dateOfBirth !== undefined && reportedOn && dateOfBirth > reportedOn) {
      faults.push({
        pointer: `/people/${index}/dateOfBirth`,
        code: 'born-after-report',
        detail: 'Nobody is born after the report; an unborn child goes with the person who carries it',
      })
    }
  }
  return faults
}

/** A risk that names nobody would be lost, and with it the time limit it sets. */
function faultsOfRefs(body: Comparable): Fault[] {
  const refs = new Set(body.people.map(({ ref }) => ref))
  const faults: Fault[] = []
  // Without any people that alone is the fault.
  if (refs.size === 0) return faults
  const check = (ref: string | undefined, pointer: string) => {
    if (ref !== undefined && !refs.has(ref))
      faults.push({ pointer, code: 'nobody-by-that-ref', detail: 'No person of this notification has this ref' })
  }
  for (const list of ['riskAssessments', 'restrictions', 'orders'] as const) {
    for (const [index, { personRef }] of (body[list] ?? []).entries()) check(personRef, `/${list}/${index}/personRef`)
  }
  for (const [index, { relatedTo }] of body.people.entries()) {
    for (const [position, { ref }] of (relatedTo ?? []).entries()) check(ref, `/people/${index}/relatedTo/${position}/ref`)
  }
  return faults
}
