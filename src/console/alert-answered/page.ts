import type { LinkAnswer } from '../../delivery/email/link-use-store.ts'
import type { Page } from '../render.ts'

const words: Readonly<Record<LinkAnswer, { says: string; next: string | null }>> = {
  acknowledged: { says: 'It is on record that you have it', next: null },
  seen_by_deputy: { says: 'It is on record that the deputy has it', next: null },
  not_here: {
    says: 'Somebody else will be told',
    next: 'A person will find out where this child is and who must be told. You need do nothing more. Tell nobody what you have read, and keep no copy.',
  },
}

/** What became of an answer; `alert` is where this browser may read it again. */
export function alertAnswered(answer: LinkAnswer, alert: string): Page {
  const { says, next } = words[answer]
  return {
    template: 'alert-answered/page.njk',
    title: 'Thank you',
    view: { says, next, alert: answer === 'not_here' ? null : alert },
  }
}
