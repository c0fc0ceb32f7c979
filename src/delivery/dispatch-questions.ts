import type { NotificationId } from '../words/ids.ts'
import type { Found } from './attend.ts'
import type { DueDispatch } from './due-store.ts'
import { OPERATOR_DESK } from './task-events.ts'
import type { TaskToOpen } from './task-store.ts'

/** What a person is asked about something found; null where time alone settles it. */
export function questionOf(found: Found, dispatch: DueDispatch): string | null {
  const { recipient_name: recipient, state, return_reason: reason, set_aside_until: setAside } = dispatch
  const deadline = found === 'telephone task due' || found === 'overdue'
  // What is held is held for a reason: nobody is to be rung before a person has read it.
  if (deadline && state === 'held')
    return `What is meant for ${recipient} is held, and its time is ${found === 'overdue' ? 'up' : 'running out'}. Settle who is told, and how.`
  switch (found) {
    case 'returned':
      return `${recipient} gave it back (${reason?.replaceAll('_', ' ')}). Who is told instead? The clock goes on.`
    case 'telephone task due':
      return setAside === null
        ? `${recipient} has not acknowledged, and its time is running out. Ring it now.`
        : `What is meant for ${recipient} cannot be opened here, and it cannot collect it. Tell it by telephone, from what the force sent.`
    case 'overdue':
      return `${recipient} has not acknowledged in time. Ring it now, and find out why.`
    case 'out of reach':
      return `${recipient} cannot be reached by its channel. Ring it, and mend its entry in the directory.`
    case 'given up':
      return givenUpQuestion(recipient)
    case 'released':
    case 'collection lapsed':
    case 'attempt lapsed':
    case 'deputy to be asked':
    case 'replaced':
      return null
    default: {
      const never: never = found
      return never
    }
  }
}

/** Nothing is sent any more: only a person can still tell them. */
export const givenUpQuestion = (recipient: string) =>
  `${recipient} was never reached, and nothing more is sent. Tell it by telephone, and say here that you did.`

/** The same of a dispatch whose notification's key cannot be opened: it names nobody, because another key must seal it. */
export const unopened = (question: string, { id, notification_id: notification }: Pick<DueDispatch, 'id' | 'notification_id'>) =>
  `${question} This is about ${id} of ${notification}, which cannot be opened here: ask the force what it said, and have DAYMARK_KEYS looked at.`

/** A question to the directory about one dispatch, with that dispatch's own deadline. */
export function directoryTask(
  dispatch: Pick<DueDispatch, 'about' | 'rules' | 'victim_risk' | 'due_by'> & { notification_id: NotificationId },
  dataKey: Buffer,
  question: string,
): TaskToOpen {
  return {
    notification: { id: dispatch.notification_id, dataKey },
    desk: 'directory',
    agency: OPERATOR_DESK,
    victimRisk: dispatch.victim_risk,
    questions: [{ question, about: dispatch.about, rules: dispatch.rules }],
    dueBy: dispatch.due_by,
  }
}
