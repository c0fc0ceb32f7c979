import type { Background } from '../words/background.ts'
import type { DispatchContent, DispatchKind, DispatchState } from '../words/dispatch.ts'
import type { DispatchId, PersonRef, RecipientId } from '../words/ids.ts'
import type { Ruling } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import { aboutOne, kindApart } from './tellings.ts'

/** One dispatch of any version of a notification, as it was told or waits to be. */
export interface EarlierDispatch {
  id: DispatchId
  /** It belongs to the very version that is being planned, which was triaged before. */
  own: boolean
  service: Service
  recipientId: RecipientId
  kind: DispatchKind
  asks: string | null
  restricted: boolean
  rules: string[]
  /** By the refs of the version being planned; whoever is no longer on it is left out. */
  about: PersonRef[]
  state: DispatchState
  /** Somebody at the recipient was shown it. */
  seen: boolean
  /** A call was made, and nobody can say that it did not arrive. */
  attempted: boolean
  dueBy: Temporal.Instant
  lateOnArrival: boolean
  concerns: DispatchId | null
  content: DispatchContent
}

/** Everything told under one notification before the version that is being planned. */
export interface Before {
  /** In the order they were made. */
  dispatches: readonly EarlierDispatch[]
  /**
   * The rulings as they would be if the risk were still what any version gave and every doubt were a yes. Whom these would
   * tell stands: a downgrade cancels nothing, and what is no longer known is not a no.
   */
  stillDue: readonly Ruling[]
  /** What is known as if no register had let go of anybody since (`asRegistersSaid`); absent: nothing but what is known now. */
  stillKnown?: Background
  /** When police were first told, in any version. */
  reportedFirst: Temporal.Instant
  /** The victim's risk is graded higher than in any version before. */
  riskRose: boolean
}

/** What one recipient has been told about one thing, over all versions. */
export interface Told {
  /** The latest that was seen and not recalled: what they hold. */
  holds: EarlierDispatch | null
  /** Everything seen and not recalled. */
  seen: EarlierDispatch[]
  /** Calls were made and nobody knows whether any arrived. */
  attempted: EarlierDispatch[]
  /** Nobody has seen it. */
  unseen: EarlierDispatch[]
  /** Alive, of the version that is being planned. */
  own: EarlierDispatch[]
}

/** What of two versions is the same telling: service, recipient, and for a school or patient the one it is about. */
export function sameTelling(one: {
  service: Service
  recipientId: RecipientId
  kind: DispatchKind
  about: readonly PersonRef[]
}): string {
  return [one.service, one.recipientId, kindApart(one.kind), aboutOne(one.service) ? (one.about[0] ?? '') : ''].join(' ')
}

/** The kind of what was told, whatever the dispatch that told it: a correction carries the whole telling as it is now. */
export function kindTold(earlier: Pick<EarlierDispatch, 'kind' | 'content'>): DispatchKind {
  const { kind } = contentTold(earlier)
  return kinds.find((known) => known === kind) ?? earlier.kind
}

/** What the recipient knows from a dispatch. */
export function contentTold({ kind, content }: Pick<EarlierDispatch, 'kind' | 'content'>): DispatchContent {
  if (kind !== 'correction' || !isContent(content.now)) return content
  return content.now
}

const kinds: readonly DispatchKind[] = ['referral', 'notification', 'alert', 'handoff']
const isContent = (value: unknown): value is DispatchContent => typeof value === 'object' && value !== null

/** What each recipient has been told, by `sameTelling`. */
export function toldBefore(dispatches: readonly EarlierDispatch[]): Map<string, Told> {
  const recalled = new Set(
    dispatches.filter(({ kind, state }) => kind === 'recall' && state !== 'withdrawn').map(({ concerns }) => concerns),
  )
  const tellings = dispatches.filter(({ kind }) => kind !== 'recall')
  const grouped = Map.groupBy(tellings, (one) => sameTelling({ ...one, kind: kindTold(one) }))
  return new Map(
    [...grouped].map(([key, all]) => {
      const living = all.filter(({ state }) => state !== 'withdrawn')
      const lastRecalled = all.findLastIndex(({ id }) => recalled.has(id))
      const seen = all.filter((one, index) => one.seen && index > lastRecalled)
      const older = living.filter(({ own, seen: known }) => !own && !known)
      return [
        key,
        {
          holds: seen.at(-1) ?? null,
          seen,
          attempted: older.filter(({ attempted }) => attempted),
          unseen: older.filter(({ attempted }) => !attempted),
          own: living.filter(({ own }) => own),
        },
      ]
    }),
  )
}

/** How much a telling asks for: what asks for more goes out again beside what went before. */
export function strengthOf({ kind, asks }: { kind: DispatchKind; asks: string | null }): number {
  return (kind === 'referral' ? 2 : 1) + (asks === null ? 0 : 1)
}
