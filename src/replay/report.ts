import type { FactName } from '../policy/facts.ts'
import type { Change, Difference } from '../routing/differences.ts'
import type { DispatchKind } from '../words/dispatch.ts'
import type { NotificationId, PersonRef } from '../words/ids.ts'
import type { PolicyEdition } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'

/** What a changed pack would have told otherwise. References and ids only: nobody is named. */
export interface ReplayReport {
  pack: PolicyEdition
  /** How many notifications it was replayed over. */
  notifications: number
  /** False where there were more than could be replayed at once: the oldest were left out. */
  whole: boolean
  /** How many of them would have told somebody otherwise. */
  changed: number
  differences: CountedDifference[]
  /** Facts it needs that were not recorded and read as unknown, and of how many notifications. */
  notRecorded: { fact: FactName; notifications: number }[]
  /** In how many notifications some rule cannot tell, and so a person is asked. */
  undecided: { before: number; after: number }
}

export interface CountedDifference {
  change: Change
  service: Service
  kind: DispatchKind
  was: DispatchKind | null
  /** One a notification, or one a child or patient where a service is told about each apart. */
  count: number
  examples: Example[]
}

export interface Example {
  notification: NotificationId
  policeReference: string
  about: PersonRef | null
}

/** What became of one notification. */
export interface Replayed {
  id: NotificationId
  policeReference: string
  differences: readonly Difference[]
  notRecorded: ReadonlySet<FactName>
  undecided: { before: boolean; after: boolean }
}

/** Counts as it goes: a hundred thousand notifications are never held at once. */
export function openTally(pack: PolicyEdition, examplesMax: number) {
  const counted = new Map<string, CountedDifference>()
  const notRecorded = new Map<FactName, number>()
  const undecided = { before: 0, after: 0 }
  let notifications = 0
  let changed = 0
  return {
    add: ({ id, policeReference, differences, ...one }: Replayed): void => {
      notifications += 1
      if (differences.length > 0) changed += 1
      if (one.undecided.before) undecided.before += 1
      if (one.undecided.after) undecided.after += 1
      for (const fact of one.notRecorded) notRecorded.set(fact, (notRecorded.get(fact) ?? 0) + 1)
      for (const { about, ...difference } of differences) {
        const key = `${difference.service} ${difference.kind} ${difference.change} ${difference.was}`
        const known = counted.get(key) ?? { ...difference, count: 0, examples: [] }
        counted.set(key, known)
        known.count += 1
        if (known.examples.length < examplesMax) known.examples.push({ notification: id, policeReference, about })
      }
    },
    report: (whole: boolean): ReplayReport => ({
      pack,
      notifications,
      whole,
      changed,
      differences: [...counted.values()].toSorted(inOrder),
      notRecorded: [...notRecorded].map(([fact, count]) => ({ fact, notifications: count })),
      undecided,
    }),
  }
}

const changes: readonly Change[] = ['now told', 'no longer told', 'told sooner', 'told later', 'told as another kind']

function inOrder(one: CountedDifference, other: CountedDifference): number {
  const named = ({ service, kind, was }: CountedDifference) => `${service} ${kind} ${was ?? ''}`
  const byChange = changes.indexOf(one.change) - changes.indexOf(other.change)
  return byChange !== 0 ? byChange : named(one) < named(other) ? -1 : 1
}
