import { z } from 'zod'

const at = () => z.string().describe('RFC 3339, UTC')

/** What the police are told once a notification is safe (contract §1). */
export const receiptBody = z
  .object({
    id: z.string(),
    policeReference: z.string(),
    version: z.int(),
    state: z.literal('received'),
    receivedAt: at(),
    links: z.object({ self: z.string(), timeline: z.string() }),
    advice: z.string().optional().describe('Where there is immediate danger: ring 999. All goes on meanwhile'),
  })
  .meta({ id: 'Receipt' })

/** A notification its force has taken back. */
export const withdrawnBody = z
  .object({
    id: z.string(),
    policeReference: z.string(),
    version: z.int(),
    state: z.literal('withdrawn'),
    links: z.object({ self: z.string(), timeline: z.string() }),
  })
  .meta({ id: 'NotificationWithdrawn' })

/** A referral by telephone that was logged. */
export const telephonedBody = z
  .object({ notification: z.string(), service: z.string(), at: at() })
  .meta({ id: 'TelephoneReferral' })

const finding = z.object({
  fact: z.string(),
  wanted: z.string(),
  found: z.string(),
  verdict: z.enum(['met', 'not_met', 'unknown']),
})

const ruling = z.object({
  rule: z.string(),
  about: z.string().nullable(),
  result: z.enum(['fired', 'did_not_fire', 'cannot_tell']),
  says: z.string(),
  cites: z.object({ document: z.string(), section: z.string() }),
  findings: z.array(finding),
})

const dispatch = z.object({
  id: z.string(),
  kind: z.string(),
  service: z.string(),
  recipient: z.object({ id: z.string(), name: z.string() }),
  about: z.array(z.string()),
  rules: z.array(z.string()),
  asks: z.string().nullable(),
  restricted: z.boolean(),
  releaseAt: at(),
  dueBy: at(),
  state: z.string(),
  overdue: z.boolean(),
  lateOnArrival: z.boolean(),
  outcome: z
    .object({
      code: z.string(),
      at: at(),
      note: z.string().nullable().describe('In the recipient’s words. Shown to the force alone, and each showing is recorded'),
    })
    .nullable()
    .describe('What the recipient last said came of it'),
})

const task = z.object({
  id: z.string(),
  desk: z.string(),
  agency: z.string(),
  question: z.string(),
  recommends: z.string().nullable(),
  about: z.array(z.string()),
  dueBy: at(),
  state: z.string(),
})

/** What was decided about a notification (contract §2). */
export const decidedBody = z
  .object({
    id: z.string(),
    policeReference: z.string(),
    version: z.int(),
    previous: z.string().nullable(),
    next: z.string().nullable(),
    state: z.enum(['received', 'triaged', 'superseded', 'withdrawn', 'erased']),
    receivedAt: at(),
    policy: z.object({ area: z.string(), inForceFrom: z.string(), sha256: z.string() }).nullable(),
    outcome: z.object({ rulings: z.array(ruling) }).nullable(),
    dispatches: z.array(dispatch),
    tasks: z.array(task),
  })
  .meta({ id: 'NotificationDecided' })

export type Decided = z.infer<typeof decidedBody>

export const foundBody = z.object({
  notifications: z.array(
    z.object({
      id: z.string(),
      policeReference: z.string(),
      version: z.int(),
      state: z.string(),
      receivedAt: at(),
      links: z.object({ self: z.string() }),
    }),
  ),
})
