import canonicalize from 'canonicalize'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import { hmac } from '../database/sealing.ts'
import { rulingsOfDecision } from '../routing/decisions.ts'
import { ringNow } from '../routing/plan.ts'
import type { PersonsDecision } from '../words/decision.ts'
import type { PlannedDispatch, PlannedTask, TaskQuestion } from '../words/dispatch.ts'
import type { NotificationId, PersonRef } from '../words/ids.ts'
import type { Notification, RiskAssessment } from '../words/notification.ts'
import type { Ruling } from '../words/outcome.ts'
import type { Recipient } from '../words/recipient.ts'
import { decisionsOf, dueSooner, raiseRisk, type StoredDecision } from './decisions-store.ts'
import type { OlderVersion } from './versions-before.ts'

/** What people decided about all versions of one notification. */
export interface PersonsDecisions {
  /** Whom they said to tell, by the refs of the version that is planned. */
  told: PersonsDecision[]
  /** How they graded the victim, earliest first. */
  grades: RiskAssessment[]
  /** What is not asked again: HMACs, and the key each was made with. */
  settled: { dataKey: Buffer; hmacs: ReadonlySet<string> }[]
  /** Every version. */
  family: NotificationId[]
}

/** A version of a notification whose decisions are read. */
interface Version {
  id: NotificationId
  dataKey: Buffer
  /** Who of it is who in the version that is planned; null of that version itself. */
  who: ReadonlyMap<PersonRef, PersonRef> | null
}

/** Reads what people decided, for those of a batch that were triaged before or have older versions. */
export async function readDecisions(
  trx: Trx,
  batch: readonly { id: NotificationId; dataKey: Buffer; again: boolean; notification: Notification }[],
  older: (id: NotificationId) => readonly Pick<OlderVersion, 'id' | 'dataKey' | 'who'>[],
): Promise<Map<NotificationId, PersonsDecisions>> {
  const families = batch.flatMap((one) => {
    const before = older(one.id)
    const versions: Version[] = [{ id: one.id, dataKey: one.dataKey, who: null }, ...before]
    return one.again || before.length > 0 ? [{ one, versions }] : []
  })
  const rows = await decisionsOf(
    trx,
    families.flatMap(({ versions }) => versions.map(({ id }) => id)),
  )
  const byVersion = Map.groupBy(rows, ({ notification_id }) => notification_id)
  return new Map(
    families.flatMap(({ one, versions }): [NotificationId, PersonsDecisions][] => {
      const decided = versions.flatMap((version) => (byVersion.get(version.id) ?? []).map((row) => ({ version, row })))
      if (decided.length === 0) return []
      const family = versions.map(({ id }) => id)
      const settled = versions.flatMap(({ id, dataKey }) => {
        const hmacs = (byVersion.get(id) ?? []).flatMap((row) => row.settled.map((hash) => hash.toString('base64')))
        return hmacs.length > 0 ? [{ dataKey, hmacs: new Set(hmacs) }] : []
      })
      const told = decided.flatMap(({ version, row }) => toldBy(row, version))
      const grades = decided.flatMap(({ row }) => gradeBy(row, one.notification))
      return [[one.id, { told, grades, settled, family }]]
    }),
  )
}

function toldBy(row: StoredDecision, { who }: Version): PersonsDecision[] {
  if (row.decision !== 'refer' && row.decision !== 'notify') return []
  const about = who === null ? row.about : row.about.flatMap((ref) => who.get(ref) ?? [])
  // Whoever it was about is on no version any more.
  if (row.about.length > 0 && about.length === 0) return []
  const { id: task, decision, services, grade, chosen_recipient: recipientId } = row
  return [{ task, decision, about, services, grade, recipientId }]
}

/** A grade given at a desk, as an assessment that ticked nothing. */
function gradeBy({ grade, decided_at: at }: StoredDecision, { people }: Notification): RiskAssessment[] {
  const victim = people.find(({ role }) => role === 'victim')
  if (grade === null || victim === undefined) return []
  return [{ personRef: victim.ref, tool: 'other', toolVersion: 'desk review', itemCount: 0, grade, assessedAt: at.toString() }]
}

/** With the grades given at desks. The highest counts, so a lower one cancels nothing, and an absent one is there now. */
export function gradedBy(notification: Notification, decisions: PersonsDecisions | undefined): Notification {
  if (decisions === undefined || decisions.grades.length === 0) return notification
  return { ...notification, riskAssessments: [...(notification.riskAssessments ?? []), ...decisions.grades] }
}

/** What people said beside what the rules say: whom they had told stays told, whatever a newer version holds. */
export function rulingsOfPersons(notification: Notification, decisions: PersonsDecisions | undefined): Ruling[] {
  return (decisions?.told ?? []).flatMap((one) => rulingsOfDecision(one, notification))
}

/**
 * Leaves out what a person has settled: the same question, about the same people, resting on the same findings. Other facts ask
 * again, and that somebody told late must be rung is asked for each time somebody is.
 */
export function withoutSettled(
  tasks: readonly PlannedTask[],
  rests: {
    notification: Notification
    rulings: readonly Ruling[]
    dispatches: readonly PlannedDispatch[]
    recipients: readonly Recipient[]
  },
  { settled }: Pick<PersonsDecisions, 'settled'>,
): PlannedTask[] {
  const names = new Map(rests.recipients.map(({ id, name }) => [id, name]))
  const rung = new Set(rests.dispatches.map(({ recipientId }) => ringNow(names.get(recipientId) ?? recipientId)))
  const asked = (question: TaskQuestion) => {
    if (rung.has(question.question)) return true
    const basis = basisOf(question, rests)
    return !settled.some(({ dataKey, hmacs }) => hmacs.has(settledHmac(dataKey, basis).toString('base64')))
  }
  return tasks.flatMap((task) => {
    const questions = task.questions.filter(asked)
    return questions.length > 0 ? [{ ...task, questions }] : []
  })
}

/**
 * All that a question rests on, as one text: what is asked, what is said of the people it is about, and what the rules found. A
 * question about nobody in particular rests on everything that was said, whatever version says it.
 */
export function basisOf(
  { question, about, rules }: TaskQuestion,
  { notification, rulings }: { notification: Notification; rulings: readonly Ruling[] },
): string {
  const { version: _, people, riskAssessments = [], ...rest } = notification
  const asked = people.filter(({ ref }) => about.includes(ref)).map(({ ref: _ref, ...person }) => person)
  const whole = { ...rest, people, riskAssessments: riskAssessments.filter(({ itemCount }) => itemCount !== 0) }
  const findings = rulings
    .filter((ruling) => rules.includes(ruling.rule) && (ruling.about === null || about.includes(ruling.about)))
    .map(({ rule, result, findings: found }) => ({ rule, result, found }))
  return canonicalize({ question, said: asked.length > 0 ? asked : whole, rules, findings }) ?? ''
}

/** Under the notification's own key, so that nobody can tell what was settled once that key is gone. */
export function settledHmac(dataKey: Buffer, basis: string): Buffer {
  return hmac(dataKey, `settled question\n${basis}`)
}

/** What waits takes the stricter limits and the place of its new risk, where somebody graded it. @returns the events */
export async function bringForwardGraded(
  trx: Trx,
  graded: readonly { family: readonly NotificationId[]; risk: string; wanted: readonly PlannedDispatch[] }[],
  at: Temporal.Instant,
): Promise<NewEvent[]> {
  const events: NewEvent[] = []
  for (const { family, risk, wanted } of graded) {
    await raiseRisk(trx, family, risk)
    for (const { service, recipientId, about, dueBy } of wanted) {
      const due = Temporal.Instant.compare(dueBy, at) < 0 ? at : dueBy
      for (const { id, notification_id: stream, due_by } of await dueSooner(trx, family, {
        service,
        recipientId,
        about,
        dueBy: due,
      })) {
        const detail = { why: 'a person graded the risk', dueBy: due_by.toString() }
        events.push({ stream, kind: 'dispatch due sooner', actor: 'system', dispatch: id, detail })
      }
    }
  }
  return events
}
