import type { Outcome } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import { officeHoursWhereUnknown, somebodyThere } from './calendar.ts'
import { reachable } from './reachable.ts'
import type { Directory } from './recipients.ts'

/** Who hears of it while nobody is at the recipient itself. */
export type StandIn =
  | { kind: 'recipient'; recipient: Recipient }
  /** Nobody can be told by a channel: a person rings. Null: no number stands in the directory either. */
  | { kind: 'telephone'; phone: string | null }

/** For what a stand-in is looked for. */
export type StandInsAre = 'all' | { victimRisk: Outcome['victimRisk']; at: Temporal.Instant }

/**
 * Who else hears when a dispatch about a victim at high risk, or one nobody has graded, comes while nobody is there to read it:
 * an emergency duty team, or whoever answers a telephone. Null where somebody is there, where the risk can wait for them, and
 * where neither hours nor a stand-in are known. Hours that are not known, or only in words, are taken for office hours as soon
 * as a stand-in is named: a night that is taken for day would leave the child waiting for the morning.
 *
 * A school is left out: its clock is its own opening, and a key adult is asked before it.
 * @param when at which risk and moment; `all` names every stand-in there is, so that a newer version, by day or at a lower
 * grade, does not take back what was told at night
 */
export function standInFor(recipient: Recipient, when: StandInsAre, directory: Directory): StandIn | null {
  const { hours, outOfHours, service } = recipient
  if (service === 'education_setting' || (hours === undefined && outOfHours === undefined)) return null
  if (when !== 'all' && !cannotWait(when.victimRisk)) return null
  if (when !== 'all' && somebodyThere(hours ?? officeHoursWhereUnknown, when.at)) return null
  const named = outOfHours?.recipientId === undefined ? undefined : directory.byId.get(outOfHours.recipientId)
  if (named !== undefined && fitToStandIn(named, recipient)) return { kind: 'recipient', recipient: named }
  return { kind: 'telephone', phone: outOfHours?.phone ?? null }
}

/** Of another service it may not know what this one may, whoever wrote it into the directory. */
const fitToStandIn = (named: Recipient, recipient: Recipient) =>
  named.id !== recipient.id && named.service === recipient.service && reachable(named)

const cannotWait = (risk: Outcome['victimRisk']) => risk === 'high' || risk === 'not_graded'

/** What a person is asked where nobody can be told by a channel. */
export function ringOutOfHours({ name }: Recipient, phone: string | null): string {
  const whom = phone === null ? 'whoever is on duty for it, by a number found elsewhere' : phone
  return `Nobody is at ${name} at this hour, and the risk is high or not graded. Ring ${whom} now, and say that a dispatch waits.`
}
