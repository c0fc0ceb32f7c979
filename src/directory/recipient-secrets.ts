import { type KeyRing, openDataKey, openJson, sealJson } from '../database/sealing.ts'
import type { Contact } from '../words/recipient.ts'

/** What a recipient's row keeps sealed: people, and what lets somebody speak as us or to them. */
export interface RecipientSecrets {
  contacts: Contact[]
  /** The address of an e-mail channel. */
  mailbox?: string
  /** Who is told when nobody is there: another recipient, or a telephone number. */
  outOfHours?: { recipientId?: string; phone?: string }
  /** Webhook signing secrets, `whsec_…`, newest first; every one signs. */
  secrets: string[]
}

/** The sealed columns of a recipient's row. */
export interface SealedRecipient {
  data_key: Buffer
  wrapped_by: string
  sealed: Buffer
}

/** Opens what a recipient's row keeps sealed. */
export function openRecipient(ring: KeyRing, id: string, row: SealedRecipient): RecipientSecrets {
  return openJson(openRecipientKey(ring, id, row), place(id), row.sealed)
}

/** The row's own data key; tasks of the directory's own upkeep are sealed with it too. */
export function openRecipientKey(ring: KeyRing, id: string, row: SealedRecipient): Buffer {
  return openDataKey(ring, id, { wrapped: row.data_key, wrappedBy: row.wrapped_by })
}

/** Seals a recipient's secrets with its row's data key. */
export function sealRecipient(dataKey: Buffer, id: string, secrets: RecipientSecrets): Buffer {
  return sealJson(dataKey, place(id), secrets)
}

const place = (id: string) => `recipient.sealed|${id}`
