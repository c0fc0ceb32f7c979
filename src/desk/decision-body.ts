import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import type { Fault } from '../access/problems.ts'
import type { DecisionKind } from '../words/decision.ts'
import type { Desk } from '../words/dispatch.ts'
import { type Service, services } from '../words/recipient.ts'
import { decisions } from './task-bodies.ts'

const RATIONALE_MAX = 4_000

export const decisionBody = z.strictObject({
  decision: z.enum(decisions),
  rationale: z
    .string()
    .trim()
    .min(1, 'Say why')
    .max(RATIONALE_MAX)
    .describe('Why, in your own words. Kept sealed, and in no event'),
  services: z.array(z.enum(services)).min(1).max(services.length).optional().describe('Of refer and notify: who is told'),
  grade: z.enum(['standard', 'medium', 'high']).optional().describe('Of regrade: the victim’s risk as you grade it'),
  recipientId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Of refer and notify: one recipient in place of those the directory finds, such as a school that was confirmed'),
})
/** What somebody decides, as it was sent. */
export type SaidDecision = z.infer<typeof decisionBody>

/** Whom a decision is about to be held against. */
export interface DecisionAt {
  desk: Desk
  /** It is about a notification, and not the directory's own upkeep. */
  aboutSomebody: boolean
  /** The service of the recipient named; null where there is none of that id, or none is named. */
  recipientService: Service | null
}

/** The recipient that a body names, whatever else is wrong with it. */
export function recipientNamed(body: unknown): string | null {
  const named = z.object({ recipientId: z.string().max(100) }).safeParse(body)
  return named.success ? named.data.recipientId : null
}

/** Reads a decision, or names every fault in it at once: of its form, and of what it says where it is said. */
export function readDecision(
  body: unknown,
  at: DecisionAt,
): { kind: 'read'; said: SaidDecision } | { kind: 'faults'; faults: Fault[] } {
  const parsed = decisionBody.safeParse(body)
  const loose = z.looseObject({ decision: z.enum(decisions) }).safeParse(body)
  const faults = [
    ...(parsed.success ? [] : faultsOf(parsed.error, decisionBody)),
    ...(loose.success ? faultsOfSense(loose.data, at) : []),
  ]
  return parsed.success && faults.length === 0 ? { kind: 'read', said: parsed.data } : { kind: 'faults', faults }
}

/** What each decision needs beside its rationale, and may have. */
const fields: Record<DecisionKind, { needs: readonly string[]; may: readonly string[] }> = {
  refer: { needs: ['services'], may: ['recipientId'] },
  notify: { needs: ['services'], may: ['recipientId'] },
  regrade: { needs: ['grade'], may: [] },
  no_further_action: { needs: [], may: [] },
  pitstop: { needs: [], may: [] },
  resolve: { needs: [], may: [] },
}

/** At which desks something may be decided. What is about nobody's child can only be mended or left. */
const atDesk: Record<DecisionKind, readonly Desk[]> = {
  refer: ['domestic_abuse_review', 'pitstop', 'mash', 'directory'],
  notify: ['domestic_abuse_review', 'pitstop', 'mash', 'directory'],
  regrade: ['domestic_abuse_review', 'pitstop', 'mash'],
  pitstop: ['domestic_abuse_review', 'mash'],
  no_further_action: ['domestic_abuse_review', 'pitstop', 'mash', 'directory'],
  resolve: ['domestic_abuse_review', 'pitstop', 'mash', 'directory'],
}

function faultsOfSense(said: { decision: DecisionKind } & Record<string, unknown>, at: DecisionAt): Fault[] {
  const { decision } = said
  const { needs, may } = fields[decision]
  const faults: Fault[] = []
  const add = (pointer: string, code: string, detail: string) => faults.push({ pointer, code, detail })
  const possible = at.aboutSomebody
    ? atDesk[decision].includes(at.desk)
    : decision === 'resolve' || decision === 'no_further_action'
  if (!possible) add('/decision', 'not-at-this-desk', 'This cannot be decided about a task on this desk')
  for (const field of ['services', 'grade', 'recipientId']) {
    const given = said[field] !== undefined
    if (!given && needs.includes(field)) add(`/${field}`, 'missing', `${decision} needs this field`)
    if (given && !needs.includes(field) && !may.includes(field))
      add(`/${field}`, 'not-for-this-decision', `${decision} does not take this field`)
  }
  if (said.recipientId !== undefined && may.includes('recipientId'))
    faults.push(...faultsOfRecipient(said.services, at.recipientService))
  return faults
}

function faultsOfRecipient(named: unknown, service: Service | null): Fault[] {
  const pointer = '/recipientId'
  if (service === null) return [{ pointer, code: 'unknown-recipient', detail: 'There is no such recipient in the directory' }]
  if (!Array.isArray(named)) return []
  if (named.length === 1 && named[0] === service) return []
  const detail = 'Name one service, and a recipient that is this service'
  return [{ pointer, code: 'recipient-of-another-service', detail }]
}

const moment = z.string().describe('RFC 3339')
export const decidedBody = z
  .object({
    id: z.string(),
    state: z.enum(['open', 'decided']),
    decision: z.enum(decisions),
    decidedBy: z.string().nullable(),
    decidedAt: moment.nullable(),
    proposed: z.object({ decision: z.enum(decisions), by: z.string(), at: moment }).nullable(),
    needs: z.string().nullable().describe('What is still needed before it stands'),
    dispatches: z
      .array(
        z.object({
          id: z.string(),
          service: z.string(),
          recipientId: z.string(),
          kind: z.string(),
          about: z.array(z.string()),
          state: z.string(),
          dueBy: moment,
        }),
      )
      .describe('Planned by this decision'),
    alreadyTold: z
      .array(z.object({ service: z.string(), about: z.array(z.string()), dispatch: z.string() }))
      .describe('Decided, and told before by a dispatch that says as much'),
    notDispatched: z
      .array(z.object({ service: z.string(), about: z.array(z.string()), reason: z.string() }))
      .describe('Decided, and not to be told yet: the reason, which the directory or a supervisor is asked about'),
    movedTo: z.string().nullable().describe('Of pitstop: the task where it is asked now'),
  })
  .meta({ id: 'DecidedTask' })
