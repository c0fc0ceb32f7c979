import { CompiledQuery } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { RecipientId } from '../words/ids.ts'

/** Whose duty contacts stand for an agency: of a force its child protection, of a council its social care, else any of its own. */
const FIND = `
  select id from recipient where agency = $1 and successor_id is null and service <> 'education_setting'
  order by service = 'police_child_protection' desc, service = 'childrens_social_care' desc, coalesce($2 = any(authorities), false) desc,
    disabled_at is null desc, id limit 1`

/**
 * The recipient whose `duty` contacts are asked to look where an agency, or its part in one authority, leaves something lying.
 * @returns null where the directory holds no recipient of that agency; that it has no such contact shows when somebody writes to it
 */
export async function dutyRecipientOf(db: Db, agency: string, authority?: string): Promise<RecipientId | null> {
  const { rows } = await db.executeQuery<{ id: RecipientId }>(CompiledQuery.raw(FIND, [agency, authority ?? null]))
  return rows[0]?.id ?? null
}
