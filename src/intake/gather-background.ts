import type { Db } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { findRecipients, type WantedRecipients } from '../directory/find-recipients-store.ts'
import { matchOpenCases, type OpenCaseFound } from '../directory/open-case-store.ts'
import { type Earlier, findEarlierIncidents, type LookedUp } from '../history/earlier-incidents-store.ts'
import type { KeyedPerson } from '../history/keys-of-people.ts'
import { certainKinds } from '../history/person-keys.ts'
import type { Background, OpenCaseMatch } from '../words/background.ts'
import type { AgencyId, NotificationId } from '../words/ids.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Recipient } from '../words/recipient.ts'

/** A register older than this reads as unknown (contract §7). */
const FRESH_HOURS = 48

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

/** Gathers what is already known about a whole batch: four statements, however many notifications. */
export async function gatherBackground(db: Db, keys: Keys, batch: readonly ToTriage[], at: Temporal.Instant): Promise<Gathered> {
  const earlier = await findEarlierIncidents(db, batch.map(asLookedUp))
  const cases = await matchOpenCases(db, certainKeysOf(batch))
  const casesByKey = Map.groupBy(cases, ({ key }) => key.toString('base64'))
  const recipients = await findRecipients(db, keys, wantedOf(batch, cases))
  const schools = new Map(
    recipients.flatMap(({ service, urn, name }) => (urn && service === 'education_setting' ? [[urn, name]] : [])),
  )
  const backgrounds = batch.map((one): [NotificationId, Background] => [
    one.id,
    {
      ...asEarlier(earlier.get(one.id)),
      openCases: openCasesOf(one.people, casesByKey, at),
      establishments: urnsOf(one.notification).flatMap((urn) => {
        const name = schools.get(urn)
        return name === undefined ? [] : [{ urn, name }]
      }),
    },
  ])
  return { backgrounds: new Map(backgrounds), recipients }
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

function asEarlier(earlier: Earlier | undefined): Pick<Background, 'earlier' | 'earlierWholeFrom' | 'earlierDoubts'> {
  if (!earlier) throw new Error('A notification was left out of its own look-up')
  return { earlier: earlier.incidents, earlierWholeFrom: earlier.wholeFrom, earlierDoubts: earlier.doubts }
}

function certainKeysOf(batch: readonly ToTriage[]): Buffer[] {
  const certain = batch.flatMap(({ people }) => people.flatMap(({ keys }) => keys.filter(({ kind }) => certainKinds.has(kind))))
  return [...new Map(certain.map(({ key }) => [key.toString('base64'), key])).values()]
}

/** One match a person and case: the same case found by name and by number is still one. */
function openCasesOf(
  people: readonly KeyedPerson[],
  casesByKey: ReadonlyMap<string, readonly OpenCaseFound[]>,
  at: Temporal.Instant,
): OpenCaseMatch[] {
  const freshFrom = at.subtract({ hours: FRESH_HOURS })
  return people.flatMap(({ ref, keys }) => {
    const found = keys.flatMap(({ key }) => casesByKey.get(key.toString('base64')) ?? [])
    const once = new Map(found.map((one) => [`${one.authority} ${one.caseReference}`, one]))
    return [...once.values()].map(({ authority, caseReference, asOf }) => ({
      ref,
      authority,
      caseReference,
      fresh: Temporal.Instant.compare(asOf, freshFrom) >= 0,
    }))
  })
}

/** Every authority, school, health provider and recipient that a batch names, in whatever part of it. */
function wantedOf(batch: readonly ToTriage[], cases: readonly OpenCaseFound[]): WantedRecipients {
  const notifications = batch.map(({ notification }) => notification)
  const people = notifications.flatMap((notification) => notification.people)
  const restrictions = notifications.flatMap((notification) => notification.restrictions ?? [])
  return {
    authorities: named([
      ...notifications.flatMap(({ incident, moved }) => [incident.localAuthority, moved?.fromAuthority, moved?.toAuthority]),
      ...people.flatMap(authoritiesOf),
      ...cases.map(({ authority }) => authority),
    ]),
    urns: named([
      ...notifications.flatMap(urnsOf),
      ...people.map(({ employer }) => employer?.urn),
      ...restrictions.map(({ urn }) => urn),
    ]),
    odsCodes: named([
      ...people.flatMap(({ health, employer }) => [health?.provider, health?.gpPractice, employer?.odsCode]),
      ...restrictions.map(({ odsCode }) => odsCode),
    ]),
    ids: named([...people.map(({ employer }) => employer?.recipientId), ...restrictions.map(({ recipientId }) => recipientId)]),
  }
}

function authoritiesOf(person: Person): (string | undefined)[] {
  const { localAuthority, stayingAuthority, lookedAfterBy, socialCare, unborn } = person
  return [
    localAuthority,
    stayingAuthority,
    lookedAfterBy,
    socialCare?.authority,
    unborn?.localAuthority,
    unborn?.socialCare?.authority,
  ]
}

function urnsOf(notification: Notification): string[] {
  return named(notification.people.flatMap(({ education }) => education?.urns ?? []))
}

function named(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}
