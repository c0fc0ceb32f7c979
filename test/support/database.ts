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

const clones: string[] = []

// Here and not in `aDatabase`, which is mostly called from a hook: a hook registered from inside a hook never runs.
// Registered first, it runs last, after the file's own hooks have closed their pools.
afterAll(async () => {
  for (const name of clones.splice(0)) await onServer(`drop database if exists ${name} with (force)`)
})

/**
 * Clones the migrated template, in some 50 ms; the clone is dropped after the file, whatever is still connected. A file
 * shares nothing with the files beside it; its own tests share what they clone once.
 */
export async function aDatabase(): Promise<DatabaseForTests> {
  const template = inject('templateDatabase')
  const name = template.replace(/template$/, randomBytes(6).toString('hex'))
  clones.push(name)
  // Nobody can connect to the template, so nothing keeps Postgres from cloning it, several times at once.
  await onServer(`create database ${name} template ${template}`)
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
