import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../src/database/migrate.ts'

/** The migrated database that every test file's own is cloned from. */
export type Template = { readonly name: string; drop(): Promise<void> }

/** Every database of one test run bears its name, so that what a killed run left can be told from what a living one uses. */
const NAMES = /^daymark_test_([0-9a-f]{8})_/

/** Held while roles are made, which belong to the server and not to one database. */
const MIGRATION_TURN = 7_310_001
/** First half of the lock a run holds for as long as it lives; the second half is the run's own number. */
const RUN_LOCK = 7_310_002

/** Migrates a database of its own on this server, once a run, and closes it to connections so that clones never wait. */
export async function makeTemplate(serverUrl: string, daymarkKeys: string): Promise<Template> {
  const run = randomBytes(4).toString('hex')
  const name = `daymark_test_${run}_template`
  const keeper = new pg.Client({ connectionString: serverUrl, application_name: 'daymark tests' })
  // A server that goes away while we only hold a lock on it is told by the tests that use it.
  keeper.on('error', () => undefined)
  await keeper.connect()
  await keeper.query('select pg_advisory_lock($1, $2)', [RUN_LOCK, lockNumber(run)])
  await dropWhatDeadRunsLeft(keeper)
  await keeper.query(`create database ${name}`)
  await keeper.query('select pg_advisory_lock($1)', [MIGRATION_TURN])
  await migrate(onDatabase(serverUrl, name), daymarkKeys)
  await keeper.query('select pg_advisory_unlock($1)', [MIGRATION_TURN])
  await keeper.query(`alter database ${name} with is_template true allow_connections false`)
  return {
    name,
    async drop() {
      await dropAllOf(keeper, run)
      await keeper.end()
    },
  }
}

/** The same server, another database. */
export function onDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

async function dropWhatDeadRunsLeft(keeper: pg.Client): Promise<void> {
  const { rows } = await keeper.query<{ datname: string }>('select datname from pg_database order by datname limit 10000')
  const runs = new Set(rows.flatMap(({ datname }) => NAMES.exec(datname)?.[1] ?? []))
  for (const run of runs) {
    // Postgres lets go of a run's lock when its connection ends, however it ends: whoever gets it knows that the run is dead.
    const lock = [RUN_LOCK, lockNumber(run)]
    const { rows: got } = await keeper.query<{ free: boolean }>('select pg_try_advisory_lock($1, $2) as free', lock)
    if (got[0]?.free !== true) continue
    await dropAllOf(keeper, run)
    await keeper.query('select pg_advisory_unlock($1, $2)', lock)
  }
}

async function dropAllOf(keeper: pg.Client, run: string): Promise<void> {
  const like = `daymark\\_test\\_${run}\\_%`
  const { rows } = await keeper.query<{ datname: string }>('select datname from pg_database where datname like $1 limit 10000', [
    like,
  ])
  for (const { datname } of rows) {
    await keeper.query(`alter database ${datname} with is_template false`)
    await keeper.query(`drop database if exists ${datname} with (force)`)
  }
}

function lockNumber(run: string): number {
  return Number.parseInt(run, 16) | 0
}
