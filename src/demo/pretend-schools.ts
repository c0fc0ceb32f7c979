import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import { ifBrought } from './if-brought.ts'
import type { Entry } from './load-directory.ts'
import { openBrowser } from './pretend-browser.ts'
import type { PretendMailServer, ReceivedMail } from './pretend-mail-server.ts'
import { type Heard, openReceiver, type PretendReceiver } from './pretend-receiver.ts'
import { alertSentence, pageSentence, type Reporter } from './tell-live.ts'

/** What a school is told of a child, as far as it is shown here. */
export interface Alert {
  child: { givenNames?: string; familyName?: string; dateOfBirth?: string }
  childPresent: string
  parentsInformed: string
}

/** Every school of the directory, each with what it is reached by. */
export interface PretendSchools {
  /** By recipient. */
  webhooks: ReadonlyMap<string, PretendReceiver>
  /** The mail server of whoever runs Daymark; null where its package is not installed, and schools with mail then have a webhook. */
  mail: PretendMailServer | null
}

interface SchoolsWith {
  entries: readonly Entry[]
  callsDown: (schoolId: string) => number
  /** Who acknowledges for a school by its own system. */
  keyAdult: (schoolId: string) => ApiClient | undefined
  report: Reporter
  /** Hears of what went wrong in the background. */
  failed: (fault: unknown) => void
  now: Temporal.Instant
}

/** A key adult reads before saying so; the timeline then shows the delivery before its acknowledgement. */
const READS_MS = 300

const OPEN_IT = 'Open it now'
const I_HAVE_IT = 'I am the key adult and I have this'

export async function openSchools(held: AsyncDisposableStack, options: SchoolsWith): Promise<PretendSchools> {
  const { entries, callsDown, failed, now } = options
  const mail = await ifBrought(async () => {
    const { openPretendMailServer } = await import('./pretend-mail-server.ts')
    return openPretendMailServer(held, {
      now,
      received: (received) => void answerMail(received, options).catch(failed),
    })
  })
  const webhooks = new Map<string, PretendReceiver>()
  for (const entry of entries) {
    const { id, channel } = entry
    if (channel.kind === 'pull_queue' || (channel.kind === 'email' && mail)) continue
    const heard = (what: Heard<Alert>) => void answerCall(entry, what, options).catch(failed)
    webhooks.set(id, await openReceiver(held, { callsDown: callsDown(id), heard }))
  }
  return { webhooks, mail }
}

/** What happens when a call comes in: the school's system says what it saw, and its key adult acknowledges an alert. */
async function answerCall(entry: Entry, heard: Heard<Alert>, { keyAdult, report }: SchoolsWith): Promise<void> {
  if (heard.kind === 'down') return report(entry.name, '! its server is down and answers 500')
  if (heard.kind === 'not signed by us') return report(entry.name, '✗ refuses a call that is not signed with its secret')
  report(entry.name, alertSentence(heard.data))
  await pause(READS_MS)
  const client = keyAdult(entry.id)
  if (!client) throw new Error(`${entry.name} has no key to acknowledge with`)
  await client.post(`/v1/dispatches/${heard.id}/acknowledgement`, { by: 'key adult' })
  report(entry.name, `✓ ${keyAdultOf(entry)}, key adult, acknowledges`)
}

/** What happens when a mail comes in: the key adult follows its link in a browser, reads, and presses a button. */
async function answerMail(mail: ReceivedMail, { entries, report }: SchoolsWith): Promise<void> {
  const entry = entries.find(({ channel }) => channel.kind === 'email' && channel.address === mail.to)
  const name = entry?.name ?? mail.to
  report(name, `✓ has a mail, sent encrypted: “${mail.subject}”`)
  const [link] = /https?:\/\/\S+\/a\/\S+/.exec(mail.text) ?? []
  if (!entry || link === undefined) return
  await pause(READS_MS)
  const browser = openBrowser()
  const alert = await browser.press(await browser.open(link), OPEN_IT)
  if (!alert) throw new Error(`${name} found nothing to open behind its link`)
  report(name, pageSentence(keyAdultOf(entry), alert.html))
  await pause(READS_MS)
  // Somebody else there may have been quicker: then there is nothing left to press.
  if (await browser.press(alert, I_HAVE_IT)) report(name, `✓ ${keyAdultOf(entry)}, key adult, presses “I have this”`)
}

const keyAdultOf = ({ contacts }: Entry) => contacts?.find(({ role }) => role === 'key_adult')?.name ?? 'the key adult'
