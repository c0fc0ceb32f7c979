import type { Clock } from '../../words/clock.ts'
import type { MailSettings } from './mail-settings.ts'
import { type MailServerHealth, openMailer } from './mailer.ts'

/** How e-mail is, for `/health`. */
export interface MailHealth {
  status: 'UP' | 'WARN'
  detail?: string
}

const ASKED_AGAIN_SECONDS = 60
const ANSWER_WITHIN_MS = 3_000

/**
 * Asks the mail server now and then whether it answers, encrypts and lets us in. Whoever asks for our health is answered from
 * what was last found, so that a slow mail server makes no probe fail.
 */
export function watchMailServer(
  settings: MailSettings | null,
  now: Clock,
): { health: () => Promise<MailHealth>; close: () => void } {
  const off: MailHealth = {
    status: 'UP',
    detail: 'off: SMTP_URL is not set; whoever has only a mailbox is rung, and so is whoever would be prompted',
  }
  if (settings === null) return { health: async () => off, close: () => {} }
  const mailer = openMailer(settings)
  let asked: { at: Temporal.Instant; found: Promise<MailServerHealth> } | null = null
  let last: MailServerHealth | null = null

  function ask(): Promise<MailServerHealth> {
    const at = now()
    if (asked === null || at.epochMilliseconds - asked.at.epochMilliseconds >= ASKED_AGAIN_SECONDS * 1000) {
      const found = mailer.verify()
      asked = { at, found }
      void found.then((health) => {
        last = health
      })
    }
    return asked.found
  }

  return {
    health: async () => {
      const found = ask()
      const health = last ?? (await Promise.race([found, notYet()]))
      return health.kind === 'answers'
        ? { status: 'UP' }
        : { status: 'WARN', detail: `${health.why}; schools reached by e-mail are rung meanwhile` }
    },
    close: () => mailer.close(),
  }
}

function notYet(): Promise<MailServerHealth> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ kind: 'fails', why: 'the mail server has not answered yet' }), ANSWER_WITHIN_MS).unref()
  })
}
