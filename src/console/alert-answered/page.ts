import type { LinkAnswer } from '../../delivery/email/link-use-store.ts'
import type { Page } from '../render.ts'

const words: Readonly<Record<LinkAnswer, { heading: string; says: string }>> = {
  acknowledged: {
    heading: 'Thank you. You have it',
    says: 'It is on record that you have it, and when.',
  },
  seen_by_deputy: {
    heading: 'Thank you. You have it',
    says: 'It is on record that the deputy has it, and when.',
  },
  not_here: {
    heading: 'Thank you. Somebody else will be told',
    says: 'A person will find out where this child is and who must be told. You need do nothing more. Tell nobody what you have read, and keep no copy.',
  },
}

/** What became of an answer; `alert` is where this browser may read it again. */
export function alertAnswered(answer: LinkAnswer, alert: string): Page {
  const { heading, says } = words[answer]
  return {
    template: 'alert-answered/page.njk',
    title: 'Thank you',
    view: { heading, says, alert: answer === 'not_here' ? null : alert },
  }
}
