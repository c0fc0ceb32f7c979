import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startPostgres } from '../underneath/embedded-postgres.ts'
import { CannotBorrow } from './cannot-borrow.ts'

/** A database for one demo, and where it is in words for the terminal. */
export interface BorrowedDatabase {
  url: string
  from: string
}

const PREFIX = 'daymark_demo_'

/**
 * A fresh database: on the server `databaseUrl` names, made for this demo and dropped after it, so that whatever else is
 * there stays as it was; without one, on a PostgreSQL of our own.
 */
export async function borrowDatabase(held: AsyncDisposableStack, databaseUrl: string | undefined): Promise<BorrowedDatabase> {
  if (databaseUrl) return temporaryDatabase(held, databaseUrl)
  // Durable, though nothing is kept: what is shown must cost what it costs in production.
  const server = await startPostgres({ durable: true })
  held.defer(() => server.stop())
  return { url: server.url, from: `embedded, for this demo alone, on port ${new URL(server.url).port}` }
}

async function temporaryDatabase(held: AsyncDisposableStack, databaseUrl: string): Promise<BorrowedDatabase> {
  const name = `${PREFIX}${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'daymark demo' })
  // A server that goes away is noticed by the service itself; this connection only holds the turn.
  client.on('error', () => {})
  try {
    await client.connect()
    held.defer(() => client.end())
    await dropDeserted(client)
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
    await client.query(`create database ${name}`)
  } catch (cause) {
    throw new CannotBorrow('DATABASE_URL', cause)
  }
  held.defer(async () => void (await client.query(`drop database if exists ${name} with (force)`)))
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  return { url: url.toString(), from: `DATABASE_URL, in the new database ${name}, dropped at the end` }
}

/**
 * Drops the databases of demos that were killed. Each living demo holds a lock under its database's name, which ends with its
 * connection: where the lock is free, nobody is there any more.
 */
async function dropDeserted(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname ~ '^${PREFIX}[0-9a-f]{12}$' order by datname limit 100`,
  )
  for (const { name } of rows) {
    const { rows: turns } = await client.query<{ ours: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as ours',
      [name],
    )
    if (!turns[0]?.ours) continue
    await client.query(`drop database if exists ${name} with (force)`)
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
  }
}
