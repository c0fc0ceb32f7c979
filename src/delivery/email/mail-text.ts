import type { PromptReason } from '../prompt-store.ts'
import type { Mail } from './mailer.ts'

const reasons: Readonly<Record<PromptReason, string>> = {
  'alert waiting': 'An alert is waiting for you.',
  'deputy asked': 'An alert is waiting, and nobody has acknowledged it yet. You are asked as deputy.',
  'not collected': 'Something was sent to your queue, and nobody has collected it yet.',
  'task overdue': 'A task is past its time.',
  silence: 'Nothing has been heard for longer than is usual.',
  'out of hours': 'Something came in while nobody is there to see it.',
}

/**
 * A mail without content: why, how soon, a reference and where to look. Anybody may read it over a shoulder, in a shared
 * mailbox or on the way, and learns of nobody.
 * @param about.reference an id of ours, by which the operator finds it when somebody rings
 */
export function mailOf(
  to: string,
  about: { why: PromptReason; urgency: 'now' | 'today'; reference: string; address: string; personal: boolean },
): Mail {
  const { why, urgency, reference, address, personal } = about
  const lines = [
    reasons[why],
    '',
    `Look: ${urgency === 'now' ? 'now' : 'today'}`,
    `Reference: ${reference}`,
    '',
    address,
    '',
    ...(personal
      ? ['This link is for you alone and opens in one browser. Do not forward it.', '']
      : ['Sign in there as you usually do.', '']),
    'This message names nobody, on purpose. Do not answer it: nobody reads the answers.',
    '',
  ]
  return { to, subject: `Please look ${urgency === 'now' ? 'now' : 'today'} (Daymark)`, text: lines.join('\n') }
}
