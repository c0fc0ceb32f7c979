import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { onDatabase } from './template-database.ts'

/** A migrated database of a test file's own. */
export type DatabaseForTests = {
  /** A superuser's connection string, as a small installation would have in DATABASE_URL. */
  readonly url: string
  /** DAYMARK_KEYS for it. */
  readonly daymarkKeys: string
}

/**
 * Clones the migrated template, in some 50 ms, and drops the clone after the file, whatever is still connected. Call it once
 * at the top of a file or in a `beforeAll`: a file shares nothing with the files beside it, its own tests share the clone.
 */
export async function aDatabase(): Promise<DatabaseForTests> {
  const template = inject('templateDatabase')
  const name = template.replace(/template$/, randomBytes(6).toString('hex'))
  // Nobody can connect to the template, so nothing keeps Postgres from cloning it, several times at once.
  await onServer(`create database ${name} template ${template}`)
  afterAll(() => onServer(`drop database if exists ${name} with (force)`))
  return { url: onDatabase(inject('postgresUrl'), name), daymarkKeys: inject('daymarkKeys') }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl'), application_name: 'daymark tests' })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
