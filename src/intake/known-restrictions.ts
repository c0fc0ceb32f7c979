import type { Db } from '../database/connection.ts'
import { openDataKey, openJson } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { ROWS_PER_KEY_MAX } from '../history/earlier-incidents-store.ts'
import { certainKinds } from '../history/person-keys.ts'
import { statedHere } from '../routing/restrictions.ts'
import type { NotificationId, PersonRef } from '../words/ids.ts'
import type { KnownRestriction, KnownRestrictions } from '../words/restriction.ts'
import type { ToTriage } from './gather-background.ts'
import { type FoundRestriction, findRestrictions } from './restriction-store.ts'
import { placeOfRestriction, type SealedRestriction, standsWithTheFamily } from './restrictions-to-keep.ts'

/**
 * What binds the people of a whole batch, whichever notification and force stated it: one statement. A force is told what
 * another forbids and hides what it protects, and never learns why, nor of which incident.
 */
export async function knownRestrictions(
  db: Db,
  keys: Keys,
  batch: readonly ToTriage[],
): Promise<Map<NotificationId, KnownRestrictions>> {
  const asks = batch.flatMap(asksOf)
  const references = batch.map(({ agency, notification: { policeReference } }) => ({ agency, policeReference }))
  const found = await findRestrictions(
    db,
    asks.map(({ key }) => key),
    references,
  )
  const opened = new Map(found.map((row) => [row.id, openOrNull(keys, row)]))
  return new Map(
    batch.map((one) => {
      const hits = found.flatMap((row): Hit[] => {
        const ask = asks[row.asked - 1]
        const own = row.agency === one.agency && row.police_reference === one.notification.policeReference
        if (row.asked === 0 ? !own : ask?.of !== one.id) return []
        return [{ row, ref: ask?.ref ?? null, stated: opened.get(row.id) ?? null, own }]
      })
      return [one.id, assembled(one, hits)]
    }),
  )
}

function asksOf({ id, notification, people }: ToTriage) {
  const family = new Set(notification.people.filter(standsWithTheFamily).map(({ ref }) => ref))
  return people
    .filter(({ ref }) => family.has(ref))
    .flatMap(({ ref, keys }) => keys.filter(({ kind }) => certainKinds.has(kind)).map(({ key }) => ({ of: id, ref, key })))
}

interface Hit {
  row: FoundRestriction
  /** Who was found by it; null where it is the reference's own. */
  ref: PersonRef | null
  stated: SealedRestriction | null
  /** It is this reference's, this version's or another's. */
  own: boolean
}

function assembled(one: ToTriage, hits: readonly Hit[]): KnownRestrictions {
  const byId = [...Map.groupBy(hits, ({ row }) => row.id).values()]
  const here = byId.flatMap(([first]) => (first?.row.notification_id === one.id ? [first.row] : []))
  const lifted = here.filter((row) => row.lifted).map(({ number }) => number)
  // What it states binds it also where, against all expectation, it does not stand in the store.
  const stored = new Set(here.map(({ number }) => number))
  const unstored = statedHere(one.notification).filter((_, number) => !stored.has(number))
  const said = new Set<string>()
  const doubts: string[] = [...cutOff(hits)]
  const living = byId.flatMap((same): KnownRestriction[] => {
    const [first] = same
    if (first === undefined || first.row.lifted) return []
    const { row, stated } = first
    const saying = `${row.agency} ${row.police_reference} ${row.says.toString('base64')}`
    if (said.has(saying)) return []
    const binds = bound(one, same)
    if (binds.length === 0) return []
    said.add(saying)
    if (stated === null && row.kind === 'must_not_receive') doubts.push(unreadable(row))
    return [toKnown(one, row, stated, binds)]
  })
  return { living: [...living, ...unstored], lifted, doubts }
}

/** Whom of this notification a restriction binds. Of one of its own versions, whom nobody could find again it binds all here. */
function bound(one: ToTriage, same: readonly Hit[]): KnownRestriction['binds'] {
  const refs = [...new Set(same.flatMap(({ ref }) => ref ?? []))]
  const [first] = same
  if (first === undefined || !first.own) return refs
  const personRef = first.stated?.restriction.personRef
  if (personRef === undefined) return 'everyone'
  if (first.row.notification_id === one.id) return [personRef]
  return first.stated?.findable === false ? 'everyone' : refs
}

function toKnown(
  one: ToTriage,
  row: FoundRestriction,
  stated: SealedRestriction | null,
  binds: KnownRestriction['binds'],
): KnownRestriction {
  const ours = row.agency === one.agency
  const { recipientId, urn, odsCode, service, reason = null } = stated?.restriction ?? {}
  return {
    kind: row.kind,
    ...(recipientId === undefined ? {} : { recipientId }),
    ...(urn === undefined ? {} : { urn }),
    ...(odsCode === undefined ? {} : { odsCode }),
    ...(service === undefined ? {} : { service }),
    id: row.id,
    from: row.notification_id === one.id ? 'this notification' : ours ? 'this force' : 'another force',
    binds,
    reason: ours ? reason : null,
    protects: stated?.protects ?? { addresses: [], schools: [] },
  }
}

/** Its notification is erased, or its bytes are damaged: that it binds is known, and no longer what it says. */
function openOrNull({ ring }: Keys, row: FoundRestriction): SealedRestriction | null {
  if (row.wrapped === null || row.wrapped_by === null) return null
  try {
    const dataKey = openDataKey(ring, row.notification_id, { wrapped: row.wrapped, wrappedBy: row.wrapped_by })
    return openJson<SealedRestriction>(dataKey, placeOfRestriction(row.id), row.sealed)
  } catch {
    return null
  }
}

const unreadable = ({ id }: FoundRestriction) =>
  `The restriction ${id} forbids telling somebody of these people, and can be read no more. Find out whom it means, or have a supervisor lift it.`

/** A look-up that stopped has not seen everything. */
function cutOff(hits: readonly Hit[]): string[] {
  const byAsk = Map.groupBy(
    hits.filter(({ ref }) => ref !== null),
    ({ row }) => row.asked,
  )
  const cut = [...byAsk.values()].filter((found) => found.length >= ROWS_PER_KEY_MAX)
  return [...new Set(cut.map(([first]) => first?.ref))].map(
    (ref) =>
      `${ref} stands under ${ROWS_PER_KEY_MAX} restrictions or more: nobody looked at the older ones. Which of them bind here?`,
  )
}
