import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../database/connection.ts'
import { newId } from '../database/new-id.ts'
import { type Client, type Scope, scopes } from './scopes.ts'

const KEY_BYTES = 32
const PREFIX = 'dmk_'

/** SHA-256 of a key as it is presented. The key is 256 random bits, so no slow hash is needed. */
export function hashOfKey(presented: string): Buffer {
  return createHash('sha256').update(presented).digest()
}

/** Makes a key for an agency. The key itself is returned once and stored nowhere. */
export async function createKey(
  db: Db,
  agency: string,
  granted: readonly Scope[],
  at: Temporal.Instant,
): Promise<{ id: string; key: string }> {
  const key = `${PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`
  const id = newId('cli')
  await db
    .insertInto('api_key')
    .values({ id, agency, scopes: [...granted], hash: hashOfKey(key), created_at: at })
    .execute()
  return { id, key }
}

/** Every key ever made, newest first, without its secret. */
export async function listKeys(db: Db) {
  return db
    .selectFrom('api_key')
    .select(['id', 'agency', 'scopes', 'created_at', 'revoked_at'])
    .orderBy('created_at', 'desc')
    .limit(1000)
    .execute()
}

/** Ends a key. Processes that remember it forget within a few seconds. @returns whether there was such a living key */
export async function revokeKey(db: Db, id: string, at: Temporal.Instant): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_key')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Finds who holds a living key by its hash; the app's role may ask for one at a time and read no list. */
export async function findClient(db: Db, hash: Buffer): Promise<Client | null> {
  const { rows } = await sql<{
    id: string
    agency: string
    scopes: string[]
  }>`select id, agency, scopes from client_of_key(${hash})`.execute(db)
  const [row] = rows
  return row
    ? { id: row.id, agency: row.agency, scopes: scopes.filter((scope) => row.scopes.includes(scope)), desks: null }
    : null
}
