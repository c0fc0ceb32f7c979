import type { Trx } from '../database/connection.ts'
import { open, openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { type KeyedPerson, keysOfPeople } from '../history/keys-of-people.ts'
import { certainKinds } from '../history/person-keys.ts'
import type { EarlierDispatch } from '../routing/earlier-dispatches.ts'
import type { HeldBack } from '../routing/look-again.ts'
import { carriedOver, type FoundInRegisters } from '../routing/registers-then.ts'
import { whoIsWho } from '../routing/who-is-who.ts'
import type { NotificationId, PersonRef } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import type { OpenedNotification } from './decide.ts'
import { lockDispatchesOf, type StoredDispatch } from './earlier-dispatches-store.ts'
import { openRecord } from './record.ts'
import type { OtherVersion } from './triage-store.ts'

/** An older version of a notification, opened. */
export interface OlderVersion extends OtherVersion {
  dataKey: Buffer
  notification: Notification
  /** Who of it is who in the version that is decided now. */
  who: ReadonlyMap<string, string>
  /** What its triages found in registers of those whom police still describe as they did. */
  found: FoundInRegisters[]
}

/** What the older versions said, and every dispatch of any version, this one's own included. */
export interface VersionsBefore {
  older: OlderVersion[]
  dispatches: EarlierDispatch[]
  /** This version's own, held back since something came that may forbid them or what they say. */
  heldBack: HeldBack[]
  /** As they were locked: what becomes of each is written at the end. */
  stored: StoredDispatch[]
}

/**
 * Reads what was told under older versions, for those of a batch that have any and for those that are withdrawn; and for those
 * triaged again, what of their own is held back until somebody has looked. One statement a batch, none for what is new.
 */
export async function readVersionsBefore(
  trx: Trx,
  keys: Keys,
  batch: readonly OpenedNotification[],
  others: readonly OtherVersion[],
): Promise<Map<NotificationId, VersionsBefore>> {
  const before = new Map<NotificationId, VersionsBefore>()
  for (const one of batch) {
    const older = others.filter((other) => isOlder(other, one)).flatMap((other) => openOlder(keys, other, one))
    if (older.length > 0 || one.state === 'withdrawn') before.set(one.id, { older, dispatches: [], heldBack: [], stored: [] })
  }
  const families = [...before].flatMap(([id, { older }]) => [id, ...older.map((version) => version.id)])
  const again = batch.filter((one) => one.again && !before.has(one.id)).map(({ id }) => id)
  const stored = Map.groupBy(await lockDispatchesOf(trx, families, again), (row) => row.notification_id)
  for (const one of batch) {
    const own = stored.get(one.id) ?? []
    const heldBack = own
      .filter(({ changing }) => changing)
      .map((row) => ({ dispatch: toEarlier(row, one.dataKey, null), hold: row.hold_reason }))
    const known = before.get(one.id)
    if (!known) {
      if (heldBack.length > 0) before.set(one.id, { older: [], dispatches: [], heldBack, stored: own })
      continue
    }
    known.heldBack = heldBack
    const told = known.older.flatMap((version) =>
      (stored.get(version.id) ?? []).map((row) => toEarlier(row, version.dataKey, version.who)),
    )
    known.dispatches = [...told, ...own.map((row) => toEarlier(row, one.dataKey, null))].sort((first, second) =>
      first.id < second.id ? -1 : 1,
    )
    known.stored = [...known.older.flatMap(({ id }) => stored.get(id) ?? []), ...own]
  }
  return before
}

function isOlder(other: OtherVersion, one: OpenedNotification): boolean {
  return other.agency === one.agency && other.policeReference === one.policeReference && other.version < one.version
}

/** None where it is erased: what it told can no longer be read, and nobody can be corrected on it. */
function openOlder(keys: Keys, other: OtherVersion, one: OpenedNotification): OlderVersion[] {
  if (other.body === null || other.key === null) return []
  const dataKey = openDataKey(keys.ring, other.id, other.key)
  const notification: Notification = JSON.parse(open(dataKey, `notification.body|${other.id}`, other.body).toString('utf8'))
  const who = whoIsWho(notification, one.notification)
  const known = whoIsAsBefore(keysOfPeople(keys.service.index.key, notification, one.agency), one.people, who)
  const { triages } = openRecord(dataKey, other.id, other.record)
  return [{ ...other, dataKey, notification, who, found: triages.map(({ background }) => carriedOver(background, known)) }]
}

/** Those of an older version who are found by everything now by which they were found then: no correction is about who they are. */
function whoIsAsBefore(
  then: readonly KeyedPerson[],
  now: readonly KeyedPerson[],
  who: ReadonlyMap<PersonRef, PersonRef>,
): ReadonlyMap<PersonRef, PersonRef> {
  const certain = ({ keys }: KeyedPerson) =>
    keys.filter(({ kind }) => certainKinds.has(kind)).map(({ key }) => key.toString('base64'))
  const keysNow = new Map(now.map((person) => [person.ref, new Set(certain(person))]))
  return new Map(
    then.flatMap((person): [PersonRef, PersonRef][] => {
      const ref = who.get(person.ref)
      const still = ref === undefined ? undefined : keysNow.get(ref)
      return ref !== undefined && certain(person).every((key) => still?.has(key)) ? [[person.ref, ref]] : []
    }),
  )
}

/** A stored dispatch as planning reads it. @param who of an older version: who of it is who now; null of the version that is planned */
export function toEarlier(row: StoredDispatch, dataKey: Buffer, who: ReadonlyMap<string, string> | null): EarlierDispatch {
  return {
    id: row.id,
    own: who === null,
    service: row.service,
    recipientId: row.recipient_id,
    kind: row.kind,
    asks: row.asks,
    restricted: row.restricted,
    rules: row.rules,
    about: who === null ? row.about : row.about.flatMap((ref) => who.get(ref) ?? []),
    state: row.state,
    seen: row.shown,
    attempted: row.attempts > 0,
    dueBy: row.due_by,
    lateOnArrival: row.late_on_arrival,
    concerns: row.concerns,
    content: row.content === null ? {} : openJson(dataKey, `dispatch.content|${row.id}`, row.content),
  }
}
