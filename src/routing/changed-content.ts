import type { DispatchContent } from '../words/dispatch.ts'
import { contentTold, type EarlierDispatch } from './earlier-dispatches.ts'
import type { ChangedField } from './what-changed.ts'

const CORRECT =
  'Police have changed what they told you. Put your own record right, act on what it says now, and treat whatever is now marked protected as confidential. Tell whoever had it from you.'
const DESTROY =
  'Police should not have told you this, or have taken it back. Destroy what you hold and do not act on it. Ask whoever had it from you to do the same, then acknowledge this to confirm.'

/** What a correction says: what has changed in what they may know, and the whole of it as it is now. */
export function correctionOf(
  policeReference: string,
  earlier: EarlierDispatch,
  changed: ChangedField[],
  now: DispatchContent,
): DispatchContent {
  return { kind: 'correction', policeReference, corrects: earlier.id, changed, whatToDo: CORRECT, now }
}

/**
 * What a recall says: which dispatch, and what to do. A school needs the child's name to find its record, so it is told again
 * what it was told before; where nobody knows whether the alert arrived, a recall that named the child would be the first telling.
 */
export function recallOf(policeReference: string, earlier: EarlierDispatch): DispatchContent {
  const { child } = contentTold(earlier)
  const named = earlier.seen && earlier.service === 'education_setting' && child !== undefined
  return { kind: 'recall', policeReference, recalls: earlier.id, whatToDo: DESTROY, ...(named ? { child } : {}) }
}
