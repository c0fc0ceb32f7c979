import type { Trx } from '../database/connection.ts'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { plannedKey, type StoredPlan, storePlans } from '../delivery/store-plans.ts'
import { findRecipients } from '../directory/find-recipients-store.ts'
import { keysOfPeople } from '../history/keys-of-people.ts'
import { deskAgency } from '../intake/desk-agency.ts'
import type { StoredDispatch } from '../intake/earlier-dispatches-store.ts'
import { gatherBackground } from '../intake/gather-background.ts'
import { knownRestrictions } from '../intake/known-restrictions.ts'
import { gradedBy, readDecisions } from '../intake/persons-decisions.ts'
import { firstOf } from '../intake/plan-beside.ts'
import { openRecord } from '../intake/record.ts'
import { toEarlier } from '../intake/versions-before.ts'
import { planDecision, rulingsOfDecision } from '../routing/decisions.ts'
import { whoIsWho } from '../routing/who-is-who.ts'
import type { PersonsDecision } from '../words/decision.ts'
import type { DispatchId, NotificationId, PersonRef } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import type { FamilyVersion } from './decision-store.ts'

type Instant = Temporal.Instant

/** What a decision made of itself: stored, with the events to append in the same transaction. */
export interface PlannedDecision {
  target: NotificationId
  dispatches: DispatchId[]
  alreadyTold: { service: string; about: string[]; dispatch: DispatchId }[]
  notDispatched: { service: string; about: string[]; reason: string }[]
  events: Awaited<ReturnType<typeof storePlans>>['events']
  ring: DispatchId[]
}

/** A version that can still be read. */
interface OpenVersion {
  row: FamilyVersion
  dataKey: Buffer
  notification: Notification
}

/**
 * Plans and stores whom a person decided to tell: under the newest version, because nobody is told what is no longer so, and
 * about the same people, by whatever names it has for them. The recorded rulings stay as they are (invariant 5); who somebody's
 * school or council is, is looked up as it stands now.
 */
export async function planDecided(
  trx: Trx,
  keys: Keys,
  {
    family,
    stored,
    decision,
    from,
  }: { family: readonly FamilyVersion[]; stored: readonly StoredDispatch[]; decision: PersonsDecision; from: NotificationId },
  at: Instant,
): Promise<PlannedDecision> {
  const versions = family.flatMap((row) => openVersion(keys, row))
  const target = versions.at(-1)
  const asked = versions.find(({ row }) => row.id === from)
  if (target === undefined || asked === undefined) throw new Error(`${from} cannot be read any more`)
  const who = (version: OpenVersion) => (version === target ? null : whoIsWho(version.notification, target.notification))
  const decided = { ...decision, about: renamed(decision.about, who(asked)) }
  const { input, recipients } = await planInput(trx, keys, { target, versions, decided, who }, at)
  const told = versions.flatMap((version) => {
    const names = who(version)
    return stored
      .filter(({ notification_id }) => notification_id === version.row.id)
      .map((row) => toEarlier(row, version.dataKey, names))
  })
  const cameToNothing = new Set(stored.filter(reachedNobody).map(({ id }) => id))
  const { plan, alreadyTold } = planDecision(input, decided, { dispatches: told, cameToNothing })
  const { id, agency } = target.row
  const toStore: StoredPlan = {
    notification: { id, force: agency, dataKey: target.dataKey },
    victimRisk: input.outcome.victimRisk,
    plan,
    deskAgency: (desk) =>
      deskAgency(desk, { agency, notification: target.notification, restrictions: input.restrictions?.living }, recipients),
    recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
  }
  const { events, ring, made } = await storePlans(trx, keys, [toStore], at)
  const dispatches = plan.dispatches.flatMap((planned) => made.get(plannedKey(id, planned)) ?? [])
  if (dispatches.length !== plan.dispatches.length)
    throw new Error(`A dispatch decided about ${id} stands already and was not seen`)
  const notDispatched = plan.notDispatched.map(({ service, about, reason }) => ({ service, about, reason }))
  const due = rulingsOfDecision(decided, target.notification).flatMap(({ rule, about, tell }) =>
    tell.map(({ service }) => ({ service, about: about === null ? [] : [about], rule })),
  )
  const detail = { due, notSent: plan.notDispatched, alreadyTold }
  const planned = { stream: id, kind: 'decision planned', actor: 'system', task: decision.task, detail }
  return { target: id, dispatches, alreadyTold, notDispatched, events: [planned, ...events], ring }
}

async function planInput(
  trx: Trx,
  keys: Keys,
  {
    target,
    versions,
    decided,
    who,
  }: {
    target: OpenVersion
    versions: readonly OpenVersion[]
    decided: PersonsDecision
    who: (version: OpenVersion) => ReadonlyMap<PersonRef, PersonRef> | null
  },
  at: Instant,
) {
  const { row, dataKey } = target
  const people = keysOfPeople(keys.service.index.key, target.notification, row.agency)
  const one = { id: row.id, agency: row.agency, notification: target.notification, people }
  const { backgrounds, recipients } = await gatherBackground(trx, keys, [one], at)
  const background = backgrounds.get(row.id)
  if (!background) throw new Error(`Nothing was gathered for ${row.id}`)
  const restrictions = (await knownRestrictions(trx, keys, [one])).get(row.id)
  const older = versions.flatMap((version) => {
    const names = who(version)
    return names === null ? [] : [{ id: version.row.id, dataKey: version.dataKey, who: names }]
  })
  const persons = await readDecisions(trx, [{ ...one, dataKey, again: true }], () => older)
  const chosen = decided.recipientId
  const known = recipients.some(({ id }) => id === chosen)
  const more =
    chosen === null || known
      ? []
      : await findRecipients(trx, keys, { authorities: [], urns: [], odsCodes: [], ids: [chosen] }, at)
  const input = {
    notification: gradedBy(target.notification, persons.get(row.id)),
    outcome: outcomeOf(row, dataKey),
    background,
    gaps: [],
    recipients: [...recipients, ...more],
    ...(restrictions === undefined ? {} : { restrictions }),
    releaseAt: at,
    receivedAt: row.received_at,
    newerVersion: { clockStartsAt: firstOf(versions.map(({ notification }) => notification)) },
    hoursAt: at,
  }
  return { input, recipients: input.recipients }
}

/** As it was recorded: what a person decides changes no ruling. */
function outcomeOf(row: FamilyVersion, dataKey: Buffer): Outcome {
  const outcome = openRecord(dataKey, row.id, row.record).triages.at(-1)?.outcome
  if (!outcome) throw new Error(`${row.id} was never triaged`)
  return outcome
}

function openVersion(keys: Keys, row: FamilyVersion): OpenVersion[] {
  if (row.body === null || row.wrapped === null || row.wrapped_by === null) return []
  const dataKey = openDataKey(keys.ring, row.id, { wrapped: row.wrapped, wrappedBy: row.wrapped_by })
  return [{ row, dataKey, notification: JSON.parse(open(dataKey, `notification.body|${row.id}`, row.body).toString('utf8')) }]
}

const renamed = (about: readonly PersonRef[], who: ReadonlyMap<PersonRef, PersonRef> | null): PersonRef[] =>
  who === null ? [...about] : about.flatMap((ref) => who.get(ref) ?? [])

/** Given back by its own recipient, or given up: a person who says that they are to be told means once more. */
const reachedNobody = ({ state, hold_reason }: StoredDispatch) =>
  state === 'given_up' || (state === 'held' && hold_reason === null)
