import type { Gap } from '../triage/gaps.ts'
import type { Circumstances } from './circumstances.ts'
import { schoolClockOf } from './circumstances.ts'
import { earlier, reviewDueBy, urgentDueBy } from './deadlines.ts'
import type { OpenQuestion } from './questions.ts'

/** Puts what a notification leaves open to the force's own reviewers: only it can ask the officer. */
export function questionsOfGaps(gaps: readonly Gap[], about: Circumstances): OpenQuestion[] {
  return gaps.map((gap) => ({
    desk: 'domestic_abuse_review',
    question: gap.question,
    recommends: gap.code === 'child_missing' ? 'If in doubt, refer to social care.' : null,
    about: gap.about,
    rules: [],
    dueBy: dueByOf(gap, about),
  }))
}

function dueByOf({ code, urgent, about: refs }: Gap, about: Circumstances): Temporal.Instant {
  const review = reviewDueBy(about.clock)
  if (urgent) return earlier(urgentDueBy(about.receivedAt), review)
  if (code !== 'school_left_blank') return review
  // Whoever finds the school after it has opened has found it too late.
  return refs.map((ref) => schoolClockOf(about.people.get(ref), about)).reduce(earlier, review)
}
