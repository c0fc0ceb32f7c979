import canonicalize from 'canonicalize'
import { emptyStream, link } from '../audit/chain.ts'
import { asAgency, type Database } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { hmac, newDataKey, seal } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { keysToKeep } from '../history/keys-of-people.ts'
import type { Clock } from '../words/clock.ts'
import type { NotificationId } from '../words/ids.ts'
import type { Notification } from '../words/notification.ts'
import { type Accepted, accept } from './accept-store.ts'
import { findReceived, type Receipt } from './notification-store.ts'
import { restrictionsToKeep } from './restrictions-to-keep.ts'

/** What receiving needs: the door's own role, the app's to read back a reference sent before, and the doorbell. */
export interface Intake {
  intake: Database
  /** Stores one, with whatever else arrives meanwhile. False when it was there already. */
  acceptOne: (one: Accepted) => Promise<boolean>
  app: Database
  keys: Keys
  now: Clock
  /** Rings for triage after the commit; never awaited, and nothing is lost when nobody hears it. */
  ring: (ids: readonly NotificationId[]) => void
}

/** A notification as one client sent it. */
export interface Sent {
  client: { id: string; agency: string }
  notification: Notification
  idempotencyKey: string | null
}

export type Received =
  | { kind: 'received'; receipt: Receipt }
  | { kind: 'received before'; receipt: Receipt }
  | { kind: 'reference taken' }
  | { kind: 'idempotency key taken' }

/**
 * Takes a notification in: sealed, keyed, chained and committed, and only then answered. Nothing else can refuse or
 * delay it, no policy and no queue (invariant 1).
 */
export async function receiveNotification(room: Intake, sent: Sent): Promise<Received> {
  const accepted = prepare(room, sent)
  if (await room.acceptOne(accepted)) {
    room.ring([accepted.id])
    return { kind: 'received', receipt: accepted }
  }
  return recognise(room, sent, accepted)
}

/**
 * The same for a batch, in one commit.
 * @returns null when one of them was there already: nothing stands, and the caller goes on one by one
 */
export async function receiveBatch(room: Intake, batch: readonly Sent[]): Promise<Received[] | null> {
  const accepted = batch.map((sent) => prepare(room, sent))
  if (!(await accept(room.intake, accepted))) return null
  room.ring(accepted.map(({ id }) => id))
  return accepted.map((receipt) => ({ kind: 'received', receipt }))
}

/** Seals, keys and chains one notification: all that is done with it before it is stored. */
export function prepare(room: Pick<Intake, 'keys' | 'now'>, { client, notification, idempotencyKey }: Sent): Accepted {
  const { keys } = room
  const receivedAt = room.now().round('millisecond')
  const id = newId('ntf')
  const dataKey = newDataKey(keys.ring, id)
  const text = canonicalize(notification) ?? ''
  const { policeReference, version, incident } = notification
  const owner = { id, agency: client.agency, dataKey: dataKey.key }
  const restrictions = restrictionsToKeep(keys.service.index.key, notification, owner)
  return {
    id,
    agency: client.agency,
    policeReference,
    version,
    authority: incident.localAuthority,
    occurredAt: incident.occurredAt,
    reportedAt: incident.reportedAt,
    receivedAt,
    receivedBy: client.id,
    bodyHmac: hmac(keys.service.body, text),
    body: seal(dataKey.key, `notification.body|${id}`, text),
    dataKey,
    personKeys: keysToKeep(keys.service.index.key, notification, client.agency),
    indexKey: keys.service.index.id,
    restrictions,
    event: link(emptyStream, receivedAt, {
      stream: id,
      kind: 'notification received',
      actor: client.id,
      detail: {
        policeReference,
        version,
        ...(restrictions.length > 0
          ? { restrictions: restrictions.map(({ id: imposed, kind }) => ({ id: imposed, kind })) }
          : {}),
      },
    }),
    idempotencyKey,
  }
}

/** The reference or the idempotency key is there already: is it the same body again, or another? */
async function recognise(room: Intake, { client, notification, idempotencyKey }: Sent, tried: Accepted): Promise<Received> {
  const { policeReference, version } = notification
  const found = await asAgency(room.app, client.agency, (trx) =>
    findReceived(trx, { agency: client.agency, policeReference, version, idempotencyKey }),
  )
  if (found.byIdempotencyKey && !found.byIdempotencyKey.bodyHmac.equals(tried.bodyHmac)) return { kind: 'idempotency key taken' }
  const before = found.byReference ?? found.byIdempotencyKey
  if (!before) throw new Error('A notification collided with one that cannot be found')
  return before.bodyHmac.equals(tried.bodyHmac) ? { kind: 'received before', receipt: before } : { kind: 'reference taken' }
}
