import { OPERATOR } from '../access/scopes.ts'
import type { NewEvent } from '../audit/chain.ts'
import type { TaskOpened } from './task-store.ts'

/** A recipient that cannot be reached is the operator's to mend (contract §1). */
export const OPERATOR_DESK = OPERATOR

const kinds = {
  opened: 'task opened',
  'question added': 'task question added',
  moved: 'task moved',
  'nothing new': 'task opened',
} as const satisfies Record<TaskOpened['change'], string>

/** What opening tasks leaves on the timeline. The questions themselves stay sealed: they may name people. */
export function taskEvents(opened: readonly TaskOpened[]): NewEvent[] {
  return opened
    .filter(({ change }) => change !== 'nothing new')
    .map(({ id, notificationId, desk, agency, change, about, rules, dueBy }) => ({
      stream: notificationId,
      kind: kinds[change],
      actor: 'system',
      task: id,
      detail: { desk, agency, about, rules, dueBy: dueBy.toString() },
    }))
}
