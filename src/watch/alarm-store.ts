import { CompiledQuery } from 'kysely'
import type { NewEvent } from '../audit/chain.ts'
import type { Trx } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { newDataKey } from '../database/sealing.ts'
import type { Keys } from '../database/service-keys.ts'
import { openPrompts } from '../delivery/prompt-store.ts'
import { OPERATOR_DESK } from '../delivery/task-events.ts'
import { sealQuestions } from '../delivery/task-store.ts'
import { dutyRecipientOf } from '../directory/duty-contacts-store.ts'
import type { AlarmKind, Sign } from '../words/alarm.ts'
import type { TaskId } from '../words/ids.ts'
import { alarmKey } from './signs.ts'

type Instant = Temporal.Instant

/** An alarm that stands, or stood. */
export interface Alarm {
  id: `alm_${string}`
  key: string
  kind: AlarmKind
  agency: string
}

/** One process keeps watch at a time; the others pass. The lock ends with the transaction. */
export async function mayKeepWatch(trx: Trx): Promise<boolean> {
  const text = "select pg_try_advisory_xact_lock(hashtext('daymark watch')) as mine"
  const { rows } = await trx.executeQuery<{ mine: boolean }>(CompiledQuery.raw(text, []))
  return rows[0]?.mine === true
}

export async function standingAlarms(trx: Trx): Promise<Alarm[]> {
  const text = 'select id, key, kind, agency from alarm where ended_at is null order by id limit 10000'
  return (await trx.executeQuery<Alarm>(CompiledQuery.raw(text, []))).rows
}

const RAISE = `
  insert into alarm (id, key, kind, agency, authority, recipient_id, day, since, raised_at, data_key, wrapped_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (key) where ended_at is null do nothing`

const ASK = `
  insert into task (id, alarm_id, agency, desk, questions, due_by, opened_at, next_at)
  values ($1, $2, $3, $4, $5, $6, $7, greatest($6, $7::timestamptz))`

/**
 * Raises an alarm and asks a person about it, in one task. What only a force can answer stands on its own desk; what the operator
 * of the service must look into, on the directory's.
 */
export async function raiseAlarm(trx: Trx, keys: Keys, sign: Sign, at: Instant): Promise<NewEvent[]> {
  const id = newId('alm')
  const { key, wrapped, wrappedBy } = newDataKey(keys.ring, id)
  const { kind, agency, authority = null, recipientId = null, day = null, since, says, dueBy } = sign
  const raised = await trx.executeQuery(
    CompiledQuery.raw(RAISE, [id, alarmKey(sign), kind, agency, authority, recipientId, day, since, at, wrapped, wrappedBy]),
  )
  if (raised.numAffectedRows !== 1n) return []
  const task = newId('tsk')
  const [desk, deskAgency] = kind === 'manifest differs' ? ['domestic_abuse_review', agency] : ['directory', OPERATOR_DESK]
  const sealed = sealQuestions(key, task, [{ question: says, about: [], rules: [] }])
  await trx.executeQuery(CompiledQuery.raw(ASK, [task, id, deskAgency, desk, sealed, dueBy, at]))
  await askItsDutyContact(trx, sign, task, at)
  const about = { alarm: id, about: kind, agency, authority, recipient: recipientId, day }
  return [
    { stream: 'service', kind: 'alarm raised', actor: 'system', detail: { ...about, since: since.toString() } },
    { stream: 'service', kind: 'task opened', actor: 'system', task, detail: { desk, agency: deskAgency, alarm: id } },
  ]
}

/** Whoever is on duty for the silent agency hears of it too. A suspension is the operator's own doing, and needs nobody told. */
async function askItsDutyContact(
  trx: Trx,
  { kind, agency, authority, recipientId }: Sign,
  taskId: TaskId,
  at: Instant,
): Promise<void> {
  if (kind === 'route suspended') return
  const onDuty = recipientId ?? (await dutyRecipientOf(trx, agency, authority))
  if (onDuty === null) return
  const prompt = { why: 'silence', recipientId: onDuty, role: 'duty', taskId, urgency: 'now' } as const
  await openPrompts(trx, [{ key: `silence ${taskId}`, ...prompt }], at)
}

/** Ends alarms whose silence is over. Their tasks stay: that it ended does not say why it was. */
export async function endAlarms(trx: Trx, alarms: readonly Alarm[], at: Instant): Promise<NewEvent[]> {
  if (alarms.length === 0) return []
  const text = 'update alarm set ended_at = $2 where id = any($1) and ended_at is null'
  await trx.executeQuery(CompiledQuery.raw(text, [alarms.map(({ id }) => id), at]))
  return alarms.map(({ id, kind, agency }) => ({
    stream: 'service',
    kind: 'alarm ended',
    actor: 'system',
    detail: { alarm: id, about: kind, agency },
  }))
}

/** What could not be told by a suspended route is looked at again once it is open. */
export async function lookAgainForWhoWasOutOfReach(trx: Trx, at: Instant): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw('select wake_notifications_awaiting_directory($1) as woken', [at]))
}
