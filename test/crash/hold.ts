import pg from 'pg'
import { waitFor } from '../support/wait-for.ts'
import type { BreakableService } from './breakable-service.ts'

/**
 * Holds a process between two effects, from outside: a lock in Postgres that its next statement waits for. The program has no
 * point at which it could be told to die; where it stands is read from Postgres itself.
 * @param locking for example `lock table dispatch in share mode`, which readers pass and writers do not
 * @param work is given the wait until a statement like this one waits for us; whatever it does, the lock goes after it
 */
export async function whileHolding(
  { database, databaseUrl }: BreakableService,
  locking: string,
  work: (caught: (statement: RegExp) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'daymark tests' })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(locking)
    await work((statement) =>
      waitFor(`a statement like ${statement} waits`, async () =>
        (await blockedStatements(database)).some((query) => statement.test(query)),
      ),
    )
  } finally {
    await client.end()
  }
}

async function blockedStatements(database: BreakableService['database']): Promise<string[]> {
  const rows = await database.query<{ query: string }>(
    `select query from pg_stat_activity
     where datname = current_database() and application_name like 'daymark\\_%' and wait_event_type = 'Lock' limit 100`,
    [],
  )
  return rows.map(({ query }) => query)
}

/** Waits until Postgres has let go of what a dead process held: it undoes a transaction only when it sees its client gone. */
export async function processForgotten({ database }: BreakableService, roles: readonly string[]): Promise<void> {
  await waitFor('Postgres has no connection of the dead process', async () => {
    const rows = await database.query(
      'select 1 from pg_stat_activity where datname = current_database() and application_name = any($1)',
      [roles],
    )
    return rows.length === 0
  })
}
