import { z } from 'zod'
import { holderOf } from './task-life.ts'
import type { ListedTask, Waiting } from './task-store.ts'

const PAGE_MAX = 200
const PAGE_USUAL = 50
const CLAIM_MINUTES = { least: 1, usual: 30, most: 240 } as const

export const desks = ['domestic_abuse_review', 'pitstop', 'mash', 'directory'] as const
export const decisions = ['refer', 'notify', 'no_further_action', 'pitstop', 'regrade', 'resolve'] as const

const moment = z
  .string()
  .describe('RFC 3339')
  .meta({ examples: ['2026-03-06T21:10:00Z'] })
const by = z.string().describe('Who, by id: a key’s or a person’s. Never a name')

export const taskParams = z.object({ id: z.string().describe('tsk_…') })
export const tasksQuery = z.strictObject({
  desk: z.enum(desks).optional(),
  state: z.enum(['open', 'claimed', 'decided']).optional().describe('Left out: open and claimed'),
  cursor: z.string().max(300).optional().describe('From the link to the next page'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_USUAL),
})
export const claimBody = z.strictObject({
  minutes: z
    .int()
    .min(CLAIM_MINUTES.least)
    .max(CLAIM_MINUTES.most)
    .optional()
    .describe(`How long nobody else may decide it; ${CLAIM_MINUTES.usual} where it is left out`),
})
export const releaseBody = z.strictObject({})
/** How long a claim holds where nobody said. */
export const claimMinutes = (body: { minutes?: number | undefined } | null | undefined) => body?.minutes ?? CLAIM_MINUTES.usual

/** A task as every list shows it. */
export const listedTask = z.object({
  id: z.string(),
  desk: z.enum(desks),
  notification: z.string().nullable().describe('ntf_…; null for the directory’s own upkeep'),
  recipient: z.string().nullable().describe('Of the directory’s own upkeep: whose entry is to be mended'),
  alarm: z.string().nullable().describe('Of something that fell silent: which alarm, as /v1/alarms lists it'),
  policeReference: z.string().nullable().describe('In a list null where the notification is another agency’s'),
  about: z.array(z.string()).describe('The notification’s names for the people it is about'),
  victimRisk: z.string().nullable(),
  openedAt: moment,
  dueBy: moment,
  overdue: z.boolean(),
  state: z.enum(['open', 'claimed', 'decided']),
  claimedBy: by.nullable(),
  claimedUntil: moment.nullable(),
  yours: z.boolean().describe('You have claimed it'),
  proposed: z
    .object({ decision: z.enum(decisions), by, at: moment })
    .nullable()
    .describe('Decided by one person, and waiting for a second'),
  decision: z.enum(decisions).nullable(),
  decidedBy: by.nullable(),
  decidedAt: moment.nullable(),
})

const counted = z.object({ waiting: z.int(), overdue: z.int(), oldestOpenedAt: moment, oldestSeconds: z.int() }).nullable()
export const tasksBody = z
  .object({
    tasks: z.array(listedTask),
    waits: z
      .array(
        z.object({
          desk: z.enum(desks),
          waiting: z.int(),
          overdue: z.int(),
          high: counted,
          notGraded: counted,
          medium: counted,
          standard: counted,
          upkeep: counted.describe('The directory’s own, with no child’s clock'),
        }),
      )
      .describe('All that nobody has decided on your desks, whatever the page shows, by the victim’s risk'),
  })
  .meta({ id: 'Tasks' })

/** Whom a question names by a reference alone. */
export const taskPerson = z.object({
  ref: z.string(),
  role: z.string().nullable(),
  givenNames: z.string().nullable(),
  familyName: z.string().nullable(),
  dateOfBirth: z.string().nullable(),
  education: z
    .object({ status: z.string().nullable(), urns: z.array(z.string()), establishmentName: z.string().nullable() })
    .nullable(),
})

const finding = z.object({
  fact: z.string(),
  wanted: z.string(),
  found: z.string(),
  verdict: z.enum(['met', 'not_met', 'unknown']),
})
export const taskBody = listedTask
  .extend({
    version: z.int().nullable(),
    notificationState: z.string().nullable(),
    questions: z.array(
      z.object({
        question: z.string(),
        recommends: z.string().nullable(),
        about: z.array(z.string()),
        rules: z.array(z.string()),
        secondPerson: z
          .object({ supervisorFor: z.array(z.enum(decisions)) })
          .nullable()
          .describe('Decisions for which the procedure asks for a supervisor beside whoever decides'),
      }),
    ),
    people: z.array(taskPerson).describe('Whom the questions are about'),
    rulings: z
      .array(
        z.object({
          rule: z.string(),
          about: z.string().nullable(),
          result: z.enum(['fired', 'did_not_fire', 'cannot_tell']),
          says: z.string(),
          cites: z.object({ document: z.string(), section: z.string() }),
          findings: z.array(finding),
        }),
      )
      .describe('The rules that asked or could not tell, with what they found, as they were recorded'),
    services: z.array(z.string()),
    grade: z.string().nullable(),
    chosenRecipient: z.string().nullable(),
    rationale: z.string().nullable(),
  })
  .meta({ id: 'Task' })

export const claimedBody = z
  .object({ id: z.string(), state: z.literal('claimed'), claimedBy: by, claimedUntil: moment, fence: z.int() })
  .meta({ id: 'ClaimedTask' })
export const releasedBody = z.object({ id: z.string(), state: z.literal('open') }).meta({ id: 'ReleasedTask' })

/** What a list says of a task. A claim that has ended is nobody's. */
export function listedOf(task: ListedTask, { at, by: reader }: { at: Temporal.Instant; by: string }) {
  const { claimed_by: claimedBy, claimed_until: claimedUntil } = task
  const holder = holderOf({ state: task.state, claimedBy, claimedUntil, proposal: null }, at)
  return {
    id: task.id,
    desk: task.desk,
    notification: task.notification_id,
    recipient: task.recipient_id,
    alarm: task.alarm_id,
    policeReference: task.police_reference,
    about: task.about,
    victimRisk: task.victim_risk,
    openedAt: task.opened_at.toString(),
    dueBy: task.due_by.toString(),
    overdue: task.overdue,
    state: task.state === 'claimed' && holder === null ? ('open' as const) : task.state,
    claimedBy: holder,
    claimedUntil: holder === null ? null : (claimedUntil?.toString() ?? null),
    yours: holder === reader,
    proposed:
      task.proposed_by && task.proposed_at && task.proposed_decision
        ? { decision: task.proposed_decision, by: task.proposed_by, at: task.proposed_at.toString() }
        : null,
    decision: task.decision,
    decidedBy: task.decided_by,
    decidedAt: task.decided_at?.toString() ?? null,
  }
}

/** What waits, one entry a desk. */
export function waitsOf(rows: readonly Waiting[], at: Temporal.Instant) {
  return [...Map.groupBy(rows, ({ desk }) => desk)].map(([desk, own]) => {
    const of = (risk: string | null) => {
      const row = own.find(({ victim_risk }) => victim_risk === risk)
      if (!row) return null
      const oldestSeconds = Math.max(0, Math.floor(row.oldest.until(at).total('seconds')))
      return { waiting: row.waiting, overdue: row.overdue, oldestOpenedAt: row.oldest.toString(), oldestSeconds }
    }
    const sum = (pick: (row: Waiting) => number) => own.reduce((all, row) => all + pick(row), 0)
    return {
      desk,
      waiting: sum(({ waiting }) => waiting),
      overdue: sum(({ overdue }) => overdue),
      high: of('high'),
      notGraded: of('not_graded'),
      medium: of('medium'),
      standard: of('standard'),
      upkeep: of(null),
    }
  })
}
