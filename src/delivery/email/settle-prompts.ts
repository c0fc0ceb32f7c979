import { appendAuditEvents } from '../../audit/append-audit-events.ts'
import type { NewEvent } from '../../audit/chain.ts'
import { inTransaction } from '../../database/again.ts'
import type { Trx } from '../../database/connection.ts'
import { nextRetryAt } from '../../routing/retry-schedule.ts'
import { directoryTask } from '../dispatch-questions.ts'
import { dataKeysOf } from '../due-store.ts'
import { taskEvents } from '../task-events.ts'
import { openTasks } from '../task-store.ts'
import { openUpkeep } from '../upkeep-store.ts'
import type { Mailed } from './mailer.ts'
import { type PromptToSend, settlePrompt } from './prompt-sending-store.ts'
import type { PromptRoom, PromptSending } from './send-prompts.ts'

/** From this failed attempt on a person is asked as well: some three minutes have passed, and no glitch lasts so long. */
const ASK_FROM_ATTEMPT = 4

/** Writes how a sending ended: the prompt, its event, and the question to a person where nobody could be written to. */
export async function settleSending(room: PromptRoom, prompt: PromptToSend, sending: PromptSending): Promise<void> {
  const at = room.now().round('millisecond')
  const became = outcomeOf(prompt, sending, at, room.jitter())
  await inTransaction(room.database.kysely, async (trx) => {
    if (!(await settlePrompt(trx, prompt, became, at))) return
    const tasks = became.question === null ? [] : await ask(trx, room, prompt, became.question, at)
    await appendAuditEvents(trx, at, [...eventsOf(prompt, became), ...tasks])
  })
}

interface Became {
  state: 'due' | 'sent' | 'not_sent' | 'not_needed'
  nextAt: Temporal.Instant | null
  cause: string | null
  /** What a person is asked. */
  question: string | null
}

function outcomeOf(prompt: PromptToSend, sending: PromptSending, at: Temporal.Instant, jitter: number): Became {
  const { recipient_name: name, role } = prompt
  const who = `The ${role.replaceAll('_', ' ')} of ${name}`
  switch (sending.kind) {
    case 'not needed':
      return { state: 'not_needed', nextAt: null, cause: null, question: null }
    case 'nobody to write to':
      return {
        state: 'not_sent',
        nextAt: null,
        cause: sending.cause,
        question: `${who} could not be asked to look: ${sending.cause}. Ring them, and mend the entry in the directory.`,
      }
    case 'sent':
      return {
        state: 'sent',
        nextAt: null,
        cause: null,
        question:
          sending.refused === 0 ? null : `One address of ${who.toLowerCase()} refuses e-mail. Mend the entry in the directory.`,
      }
    case 'failed':
      return failed(prompt, sending.mailed, { at, jitter, who })
    default: {
      const never: never = sending
      return never
    }
  }
}

/** Tried again as a webhook is. After some minutes a person is asked too; when its time is up, the person alone is left. */
function failed(
  prompt: PromptToSend,
  mailed: Exclude<Mailed, { kind: 'accepted' }>,
  about: { at: Temporal.Instant; jitter: number; who: string },
): Became {
  const { attempts, try_until: dueBy, opened_at: releaseAt } = prompt
  const { at: failedAt, jitter, who } = about
  const cause = causeOf(mailed)
  const retryAt = nextRetryAt({ attempts, failedAt, dueBy, releaseAt, retryAfterSeconds: null, jitter })
  const again = retryAt !== null && Temporal.Instant.compare(retryAt, dueBy) < 0
  const asks = !again || attempts >= ASK_FROM_ATTEMPT || mailed.kind === 'refused'
  const question = asks ? `${who} could not be asked to look: ${cause}. Ring them.` : null
  return { state: again ? 'due' : 'not_sent', nextAt: again ? retryAt : null, cause, question }
}

function causeOf(mailed: Exclude<Mailed, { kind: 'accepted' }>): string {
  if (mailed.kind === 'timed out') return 'the mail server took too long'
  return mailed.kind === 'refused' ? 'the address is refused' : mailed.why
}

const eventKinds = { due: 'prompt failed', sent: 'prompt sent', not_sent: 'prompt not sent' } as const

function eventsOf(prompt: PromptToSend, { state, cause, nextAt }: Became): NewEvent[] {
  if (state === 'not_needed') return []
  const { why, role, urgency, recipient_id: recipient, dispatch_id: dispatch, task_id: task, attempts } = prompt
  return [
    {
      stream: prompt.notification_id ?? `recipient:${recipient}`,
      kind: eventKinds[state],
      actor: 'system',
      ...(dispatch === null ? {} : { dispatch }),
      ...(task === null ? {} : { task }),
      detail: {
        recipient,
        why,
        role,
        urgency,
        attempt: attempts,
        ...(cause === null ? {} : { cause }),
        ...(nextAt === null ? {} : { retryAt: nextAt.toString() }),
      },
    },
  ]
}

/** On the directory's desk: beside the notification it is about, or else as upkeep of the recipient. */
async function ask(
  trx: Trx,
  room: PromptRoom,
  prompt: PromptToSend,
  question: string,
  at: Temporal.Instant,
): Promise<NewEvent[]> {
  const { notification_id: notification, recipient_id: recipientId } = prompt
  if (notification === null) return openUpkeep(trx, room.keys, [{ recipientId, question }], at)
  const dataKey = (await dataKeysOf(trx, room.keys, [notification], room.faulted)).get(notification)
  // Without its key the notification is erased, and nobody is to ask about it any more.
  if (dataKey === undefined) return []
  const { about, rules, victim_risk: risk, due_by: dueBy } = prompt
  const dispatch = {
    notification_id: notification,
    about: about ?? [],
    rules: rules ?? [],
    victim_risk: risk ?? 'not_graded',
    due_by: dueBy ?? at,
  }
  return taskEvents(await openTasks(trx, [directoryTask(dispatch, dataKey, question)], at))
}
