import { z } from 'zod'
import { open, openDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Service } from '../words/recipient.ts'
import type { QueuedDispatch, SealedDispatch } from './queue-store.ts'

/** Limits of contract §1 and §4. */
const LEASE_SECONDS_MIN = 10
const LEASE_SECONDS_MAX = 3_600
const COLLECT_MAX = 100
const WAIT_SECONDS_MAX = 20
const PAGE_MAX = 200
const PAGE_USUAL = 50

const leaseSeconds = z
  .int()
  .min(LEASE_SECONDS_MIN)
  .max(LEASE_SECONDS_MAX)
  .describe('How long nobody else is given it, in seconds')
  .meta({ examples: [300] })
const moment = z
  .string()
  .describe('RFC 3339')
  .meta({ examples: ['2026-03-06T21:10:00Z'] })
const leaseToken = z
  .string()
  .max(100)
  .describe('What collecting it gave')
  .meta({ examples: ['lse_01997e9c-6a3f-7d51-8a53-3d0a6b6f4c11'] })

export const queueParams = z.object({
  queueId: z
    .string()
    .describe('The recipient id')
    .meta({ examples: ['csc-E06000015'] }),
})
export const dispatchParams = z.object({ id: z.string().describe('dsp_…') })
export const listQuery = z.strictObject({
  state: z.enum(['released', 'collected', 'acknowledged', 'held', 'withdrawn', 'delivered', 'given_up']).optional(),
  cursor: z.string().max(300).optional().describe('From the link to the next page'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_USUAL),
})
export const collectBody = z.strictObject({
  max: z
    .int()
    .min(1)
    .max(COLLECT_MAX)
    .describe('How many at most')
    .meta({ examples: [25] }),
  leaseSeconds,
  waitSeconds: z
    .int()
    .min(0)
    .max(WAIT_SECONDS_MAX)
    .default(0)
    .describe('How long to wait for something where the queue is empty, in seconds')
    .meta({ examples: [20] }),
})
export const acknowledgementBody = z.strictObject({
  leaseToken: leaseToken.optional(),
  by: z
    .string()
    .min(1, 'Say who has it')
    .max(200)
    .describe('Who at the recipient has it: a role, a team or a staff number')
    .meta({ examples: ['duty social worker'] }),
})
export const renewalBody = z.strictObject({ leaseToken, leaseSeconds })

const note = z.string().min(1).max(2_000).optional().describe('Kept sealed')
export const outcomeBody = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z][a-z0-9_]{1,49}$/, 'Write a code of lower-case letters, digits and underscores')
    .describe('What came of it, of the list for your service')
    .meta({ examples: ['strategy_discussion'] }),
  note,
})
export const returnBody = z.strictObject({ reason: z.enum(['not_ours', 'wrong_child', 'duplicate', 'cannot_act']), note })
export const answeredBody = z.object({ id: z.string() }).meta({ id: 'Answered' })

const oldest = moment.nullable()
export const queuesBody = z
  .object({
    queues: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        service: z.string(),
        waiting: z.int().describe('Released, and not collected'),
        collected: z.int().describe('Collected, and not acknowledged'),
        overdue: z.int(),
        oldestWaiting: z
          .object({ high: oldest, notGraded: oldest, medium: oldest, standard: oldest })
          .describe('When the oldest that waits was released, by the victim’s risk; null for a school or an education authority'),
        oldestWaitingSeconds: z.object({
          high: z.int().nullable(),
          notGraded: z.int().nullable(),
          medium: z.int().nullable(),
          standard: z.int().nullable(),
        }),
      }),
    ),
  })
  .meta({ id: 'Queues' })

const listed = z.object({
  id: z.string(),
  recipientId: z.string(),
  sequence: z
    .int()
    .nullable()
    .describe('Its number in the queue: from 1, without a gap. Null in the moments before it has one, and of what is pushed'),
  service: z.string(),
  kind: z.string(),
  about: z.array(z.string()).describe('The notification’s names for the people it is about'),
  asks: z.string().nullable(),
  restricted: z.boolean(),
  victimRisk: z.string().nullable().describe('Null for a school or an education authority: it may not know'),
  state: z.string(),
  overdue: z.boolean(),
  lateOnArrival: z.boolean(),
  releaseAt: moment,
  dueBy: moment,
  collectedAt: moment.nullable(),
  deliveredAt: moment.nullable(),
  acknowledgedAt: moment.nullable(),
})
const content = z.record(z.string(), z.unknown()).describe('What this recipient may know')
const lease = z.object({ token: z.string(), expiresAt: moment })
export const listBody = z.object({ dispatches: z.array(listed) }).meta({ id: 'QueueDispatches' })
export const collectedBody = z
  .object({ dispatches: z.array(listed.extend({ content, lease })) })
  .meta({ id: 'CollectedDispatches' })
export const dispatchBody = listed.extend({ content, acknowledgedBy: z.string().nullable() }).meta({ id: 'DispatchWithContent' })
export const acknowledgedBody = z
  .object({ id: z.string(), state: z.literal('acknowledged'), acknowledgedAt: moment })
  .meta({ id: 'Acknowledged' })
export const renewedBody = z.object({ id: z.string(), lease }).meta({ id: 'RenewedLease' })

/** Their allow-lists hold the child and nothing of the victim; what stands beside the content must say no more than it does. */
const MAY_NOT_SEE_VICTIM_RISK: readonly Service[] = ['education_setting', 'education_authority']

/** Whether a service may know how high the victim's risk is. */
export const maySeeVictimRisk = (service: Service) => !MAY_NOT_SEE_VICTIM_RISK.includes(service)

/** What a list says of a dispatch. */
export function listedOf(row: QueuedDispatch) {
  return {
    id: row.id,
    recipientId: row.recipient_id,
    sequence: row.sequence,
    service: row.service,
    kind: row.kind,
    about: row.about,
    asks: row.asks,
    restricted: row.restricted,
    victimRisk: maySeeVictimRisk(row.service) ? row.victim_risk : null,
    state: row.state,
    overdue: row.overdue,
    lateOnArrival: row.late_on_arrival,
    releaseAt: row.release_at.toString(),
    dueBy: row.due_by.toString(),
    collectedAt: row.collected_at?.toString() ?? null,
    deliveredAt: row.delivered_at?.toString() ?? null,
    acknowledgedAt: row.acknowledged_at?.toString() ?? null,
  }
}

/** The key a dispatch's notification is sealed with. */
export function dataKeyOf(keys: Keys, row: SealedDispatch): Buffer {
  return openDataKey(keys.ring, row.notification_id, { wrapped: row.wrapped, wrappedBy: row.wrapped_by })
}

/**
 * What a dispatch says, exactly as it was frozen; of one that is no longer so, only where to look instead. It may show an
 * address that has become protected since.
 */
export function contentOf(keys: Keys, row: SealedDispatch): Record<string, unknown> {
  if (row.replaced_by !== null) return { noLongerSo: true, readInstead: row.replaced_by }
  if (row.changing || row.state === 'withdrawn') return { noLongerSo: true, readInstead: null }
  if (!row.content) return {}
  return JSON.parse(open(dataKeyOf(keys, row), `dispatch.content|${row.id}`, row.content).toString('utf8'))
}
