import type { z } from 'zod'
import { conflict, Problem } from '../access/problems.ts'
import type { Notification } from '../words/notification.ts'
import type { receiptBody } from './notification-bodies.ts'
import type { Received } from './receive-notification.ts'

const RING_999 = 'There is immediate danger: ring 999. This notification goes on meanwhile.'

/** What a client is told of a notification that is safe, or why it is not. */
export function receiptFor(received: Received, { incident }: Notification): z.infer<typeof receiptBody> {
  if (received.kind === 'reference taken') {
    throw conflict('reference-taken', 'Another body was sent under this policeReference and version; raise version to correct it')
  }
  if (received.kind === 'idempotency key taken') {
    throw new Problem({
      status: 422,
      code: 'idempotency-key-taken',
      title: 'The Idempotency-Key was used for another body',
      detail: 'Use a new key for a new body',
    })
  }
  const { id, policeReference, version, receivedAt } = received.receipt
  return {
    id,
    policeReference,
    version,
    state: 'received',
    receivedAt: receivedAt.toString(),
    links: { self: `/v1/notifications/${id}`, timeline: `/v1/notifications/${id}/timeline` },
    ...(incident.immediateDanger ? { advice: RING_999 } : {}),
  }
}
