import type { Db } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { findRecipients } from '../directory/find-recipients-store.ts'
import { findNearSchools } from '../directory/near-schools-store.ts'
import { matchRegisters } from '../directory/register-matches-store.ts'
import { findEarlierIncidents, type LookedUp } from '../history/earlier-incidents-store.ts'
import { badIdentifiersOf } from '../history/identifiers.ts'
import type { KeyedPerson } from '../history/keys-of-people.ts'
import { nameContradictsNumber } from '../triage/education.ts'
import { schoolFound } from '../triage/school.ts'
import type { Background } from '../words/background.ts'
import type { AgencyId, NotificationId } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'
import { addChildrenSeenBefore } from './children-seen-before.ts'
import { byKey, fromRegisters } from './register-background.ts'
import { authoritiesNear, urnsOf, wantedOf } from './wanted-recipients.ts'

/** A notification about to be triaged, opened. */
export interface ToTriage {
  id: NotificationId
  /** The force that sent it. */
  agency: AgencyId
  notification: Notification
  people: readonly KeyedPerson[]
}

/** Everything triage and routing have to know besides the notification and the procedure. */
export interface Gathered {
  backgrounds: ReadonlyMap<NotificationId, Background>
  /** Whoever any of the batch could have to tell. */
  recipients: Recipient[]
}

/**
 * Gathers what is already known about a whole batch: five statements, however many notifications, one more where somebody gave
 * a school's name without a number that fits, and two where a child seen before is not found here.
 */
export async function gatherBackground(db: Db, keys: Keys, batch: readonly ToTriage[], at: Temporal.Instant): Promise<Gathered> {
  const notifications = batch.map(({ notification }) => notification)
  const earlier = await findEarlierIncidents(db, batch.map(asLookedUp))
  const registers = await matchRegisters(db, keysOf(batch), [...new Set(notifications.flatMap(urnsOf))])
  const recipients = await findRecipients(db, keys, wantedOf(notifications, registers.matches), at)
  const schools = new Map(
    recipients.flatMap(({ service, urn, name }) => (urn && service === 'education_setting' ? [[urn, name]] : [])),
  )
  const found = byKey(registers)
  const backgrounds = batch.map(({ id, notification, people }): [NotificationId, Background] => {
    const before = earlier.get(id)
    if (!before) throw new Error('A notification was left out of its own look-up')
    const urns = urnsOf(notification)
    const kept = registers.rollsKept.filter(({ urn }) => urns.includes(urn))
    const known = fromRegisters(people, found, kept, at)
    const named = [...new Set([...urns, ...known.rolls.map(({ urn }) => urn)])]
    return [
      id,
      {
        ...known,
        earlier: before.incidents,
        earlierWholeFrom: before.wholeFrom,
        earlierDoubts: before.doubts,
        possible: [...before.possible, ...known.possible],
        establishments: named.flatMap((urn) => {
          const name = schools.get(urn)
          return name === undefined ? [] : [{ urn, name }]
        }),
        nearSchools: [],
        badIdentifiers: badIdentifiersOf(notification),
        childrenSeenBefore: [],
      },
    ]
  })
  const gathered = new Map(backgrounds)
  await proposeSchools(db, batch, gathered)
  await addChildrenSeenBefore(db, keys, batch.map(asLookedUp), gathered)
  return { backgrounds: gathered, recipients }
}

/** A notification as the history looks its people up. */
export function asLookedUp({ id, agency, notification, people }: ToTriage): LookedUp {
  const { policeReference, incident } = notification
  return {
    id,
    agency,
    policeReference,
    occurredAt: Temporal.Instant.from(incident.occurredAt),
    reportedAt: Temporal.Instant.from(incident.reportedAt),
    people,
  }
}

/** Where a name is all there is, or the number given is another school's, the nearest name is looked for. */
async function proposeSchools(db: Db, batch: readonly ToTriage[], gathered: ReadonlyMap<NotificationId, Background>) {
  const asks = batch.flatMap(({ id, notification }) => {
    const background = gathered.get(id)
    if (!background) return []
    return notification.people.flatMap((person) => {
      const name = person.education?.establishmentName
      if (name === undefined) return []
      const { urns, onRoll } = schoolFound(person, background)
      if (onRoll || (urns.length > 0 && !nameContradictsNumber(person.education, background))) return []
      return [{ background, ref: person.ref, name, authorities: authoritiesNear(person, notification) }]
    })
  })
  const near = await findNearSchools(db, asks)
  for (const [index, { background, ref }] of asks.entries()) {
    const school = near[index]
    if (school) {
      const { recipientId, urn, name } = school
      background.nearSchools.push({ ref, recipientId, urn, name })
    }
  }
}

function keysOf(batch: readonly ToTriage[]): Buffer[] {
  const keys = batch.flatMap(({ people }) => people.flatMap((person) => person.keys))
  // No register knows an address.
  const asked = keys.filter(({ kind }) => kind !== 'address' && kind !== 'uprn' && kind !== 'police-id')
  return [...new Map(asked.map(({ key }) => [key.toString('base64'), key])).values()]
}
