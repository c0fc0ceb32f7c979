import type { Database } from '../../database/connection.ts'
import type { Keys } from '../../database/service-keys.ts'
import { openRecipient } from '../../directory/recipient-secrets.ts'
import type { Clock } from '../../words/clock.ts'
import type { Contact } from '../../words/recipient.ts'
import type { DueSource } from '../due-loop.ts'
import { rowFault } from '../row-fault.ts'
import { issueLinks } from './link-store.ts'
import { addressMark, LINK_PATH, tokenOf } from './links.ts'
import { mailOf } from './mail-text.ts'
import type { Mailed, Mailer } from './mailer.ts'
import { claimPrompts, type PromptToSend, readPrompt } from './prompt-sending-store.ts'
import { settleSending } from './settle-prompts.ts'

/** What sending prompts needs. */
export interface PromptRoom {
  database: Database
  keys: Keys
  now: Clock
  /** Null where no mail server is set: every prompt becomes a question to the directory then. */
  mailer: Mailer | null
  /** Where links lead, without a slash at its end. */
  publicUrl: string | null
  /** From 0 up to 1. */
  jitter: () => number
  /** Hears of what failed beside any one prompt; it is due again by itself. */
  faulted: (fault: unknown) => void
}

/** How a prompt's sending went, before it is settled. */
export type PromptSending =
  | { kind: 'not needed' }
  | { kind: 'nobody to write to'; cause: string }
  | { kind: 'sent'; mails: number; refused: number }
  | { kind: 'failed'; mailed: Exclude<Mailed, { kind: 'accepted' }> }

/** Longer than one sending may take; after it the prompt is due again. */
const LEASE_MS = 120_000
/** Prompts a process sends at one time. */
const SENDING_MAX = 20

/** Prompts as the due loop sees them. There is no bell for them: whoever opens one commits first, and a look is soon. */
export function promptSource(room: PromptRoom): DueSource {
  const underWay = new Set<string>()
  return {
    name: 'prompts',
    hintDue: async (at, limit) => {
      const free = Math.min(limit, SENDING_MAX - underWay.size)
      if (free <= 0) return { ids: [], unanswered: [], more: false }
      const ids = await claimPrompts(room.database, { at, until: at.add({ milliseconds: LEASE_MS }) }, free)
      for (const id of ids) underWay.add(id)
      return { ids, unanswered: [], more: ids.length === free }
    },
    bell: null,
    direct: (ids) =>
      Promise.all(
        ids.map((id) =>
          sendPrompt(room, id)
            .catch(room.faulted)
            .finally(() => underWay.delete(id)),
        ),
      ),
    forgetHints: async () => {},
  }
}

/** Sends one prompt that was claimed, and settles it with its event. */
export async function sendPrompt(room: PromptRoom, id: string): Promise<void> {
  const prompt = await readPrompt(room.database, id)
  if (!prompt) return
  const sending = await send(room, prompt)
  await settleSending(room, prompt, sending)
}

async function send(room: PromptRoom, prompt: PromptToSend): Promise<PromptSending> {
  if (!stillNeeded(prompt)) return { kind: 'not needed' }
  const { mailer, publicUrl } = room
  if (mailer === null || publicUrl === null) return { kind: 'nobody to write to', cause: 'e-mail is not set up here' }
  const addresses = addressesOf(room, prompt)
  if (addresses === null) return { kind: 'nobody to write to', cause: 'its entry cannot be opened' }
  if (addresses.length === 0) return { kind: 'nobody to write to', cause: 'no address may be written to' }
  const places = await placesFor(room, prompt, publicUrl, addresses.length)
  const { why, urgency } = prompt
  const reference = prompt.dispatch_id ?? prompt.task_id ?? prompt.id
  const mailed = await Promise.all(
    addresses.map((to, index) => {
      const { address, personal } = places[index] ?? { address: publicUrl, personal: false }
      return mailer.send(mailOf(to, { why, urgency, reference, address, personal }))
    }),
  )
  const failed = mailed.filter((one) => one.kind !== 'accepted')
  const [first] = failed
  if (first !== undefined && failed.length === mailed.length) return { kind: 'failed', mailed: first }
  return { kind: 'sent', mails: mailed.length - failed.length, refused: failed.length }
}

/** What is acknowledged, held or taken back asks nobody to look any more; a task that is decided neither. */
function stillNeeded({ dispatch_state: dispatch, task_state: task, replaced_by: replacedBy }: PromptToSend): boolean {
  if (task === 'decided' || replacedBy !== null) return false
  return dispatch !== 'acknowledged' && dispatch !== 'held' && dispatch !== 'withdrawn'
}

/** Whoever has the role and an address. About a dispatch, none whom planning did not find clear: it may be who must not hear. */
function addressesOf({ keys, faulted }: PromptRoom, prompt: PromptToSend): string[] | null {
  const contacts = contactsOf(keys, prompt, faulted)
  if (contacts === null) return null
  const addresses = contacts.flatMap(({ role, email }) => (role === prompt.role && email !== undefined ? [email] : []))
  const unique = [...new Set(addresses.map((address) => address.trim()))]
  if (prompt.dispatch_recipient !== prompt.recipient_id) return unique
  const clear = prompt.clear_contacts ?? []
  return unique.filter((address) => clear.some((mark) => mark.equals(addressMark(keys.service.link, address))))
}

/** Null where the row cannot be opened: a person is asked in its stead, for tried again it would fail again without a word. */
function contactsOf(keys: Keys, prompt: PromptToSend, faulted: PromptRoom['faulted']): Contact[] | null {
  try {
    return openRecipient(keys.ring, prompt.recipient_id, prompt).contacts
  } catch (fault) {
    faulted(rowFault(prompt.recipient_id, fault))
    return null
  }
}

/** A school's contact gets a link to the alert itself, each mail its own; everybody else signs in where they usually do. */
async function placesFor(
  { database, keys, now }: PromptRoom,
  prompt: PromptToSend,
  publicUrl: string,
  count: number,
): Promise<{ address: string; personal: boolean }[]> {
  const { dispatch_id: dispatchId, recipient_id: recipientId, due_by: dueBy, role: contact } = prompt
  const toSchool = prompt.service === 'education_setting' && prompt.dispatch_recipient === recipientId
  if (!toSchool || dispatchId === null || dueBy === null)
    return Array.from({ length: count }, () => ({ address: publicUrl, personal: false }))
  const links = await issueLinks(database, { dispatchId, recipientId, contact, dueBy, count }, now())
  return links.map((link) => ({ address: `${publicUrl}${LINK_PATH}/${tokenOf(keys.service.link, link)}`, personal: true }))
}
