import { asAgency } from '../database/connection.ts'
import type { LinkRoom } from '../delivery/email/follow-link.ts'
import { dutyRecipientOf } from '../directory/duty-contacts-store.ts'
import { readOwnRecipient } from '../directory/recipient-store.ts'

/** The telephone of a force's duty contact, and no name: whoever stands before a closed link may not be who it was meant for. */
export async function whomToRing({ database, keys }: LinkRoom, force: string): Promise<string | null> {
  return asAgency(database, force, async (trx) => {
    const id = await dutyRecipientOf(trx, force)
    const recipient = id === null ? null : await readOwnRecipient(trx, keys.ring, id)
    return recipient?.entry.contacts.find(({ role, phone }) => role === 'duty' && phone !== undefined)?.phone ?? null
  })
}
