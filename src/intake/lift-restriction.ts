import type { Client } from '../access/scopes.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { asAgency } from '../database/connection.ts'
import { openDataKey, openJson, seal } from '../database/sealing.ts'
import type { Restriction } from '../words/notification.ts'
import type { Reader } from './read-notification.ts'
import type { Intake } from './receive-notification.ts'
import { liftRestriction, type OwnRestriction, readOwnRestrictions } from './restriction-store.ts'
import { placeOfRestriction, type SealedRestriction } from './restrictions-to-keep.ts'

/** What lifting and listing need. */
export type RestrictionRoom = Pick<Intake, 'app' | 'keys' | 'now'>

/** A restriction as its own force reads it. `says` is null where its notification is erased. */
export interface ReadRestriction {
  stored: OwnRestriction
  says: Restriction | null
}

/** The restrictions that an agency imposed under one police reference or in one notification, lifted ones included. */
export async function listRestrictions(
  { app, keys }: Pick<RestrictionRoom, 'app' | 'keys'>,
  { agency, actor, at, purpose }: Reader & { agency: string },
  wanted: { policeReference: string } | { notification: string },
): Promise<ReadRestriction[]> {
  const stored = await asAgency(app, agency, async (trx) => {
    const found = await readOwnRestrictions(trx, wanted)
    const streams = purpose === null ? [] : [...new Set(found.map(({ notification }) => notification))]
    const events = streams.map((stream) => ({ stream, kind: 'restrictions disclosed', actor, detail: { purpose } }))
    await appendAuditEvents(trx, at, events)
    return found
  })
  return stored.map((one) => {
    if (one.key === null) return { stored: one, says: null }
    const dataKey = openDataKey(keys.ring, one.notification, one.key)
    return { stored: one, says: openJson<SealedRestriction>(dataKey, placeOfRestriction(one.id), one.sealed).restriction }
  })
}

export type Lifted =
  | { kind: 'lifted'; stored: OwnRestriction; at: Temporal.Instant }
  | { kind: 'lifted before' }
  | { kind: 'no such restriction' }

/**
 * A supervisor lifts a restriction, with a reason that stands sealed and in no event. Whatever it held or kept from somebody,
 * in any notification, is looked at again and goes out. What other versions of the notification say alike is lifted with it;
 * a version that comes later and states it anew imposes it anew.
 */
export function liftFrom(room: RestrictionRoom, client: Client, id: string, reason: string): Promise<Lifted> {
  const at = room.now().round('millisecond')
  return asAgency(room.app, client.agency, async (trx): Promise<Lifted> => {
    const [stored] = await readOwnRestrictions(trx, { id })
    if (!stored) return { kind: 'no such restriction' }
    if (stored.liftedAt !== null || stored.key === null) return { kind: 'lifted before' }
    const dataKey = openDataKey(room.keys.ring, stored.notification, stored.key)
    const why = seal(dataKey, `restriction.lifting_reason|${stored.id}`, reason)
    if (!(await liftRestriction(trx, stored.id, { at, by: client.id, reason: why }))) return { kind: 'lifted before' }
    const detail = { restriction: stored.id, kind: stored.kind }
    await appendAuditEvents(trx, at, [{ stream: stored.notification, kind: 'restriction lifted', actor: client.id, detail }])
    return { kind: 'lifted', stored, at }
  })
}
