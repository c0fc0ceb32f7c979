import { createHash } from 'node:crypto'
import { Kysely, type PostgresCursor, PostgresDialect, type PostgresQueryResult, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { Tables } from './tables.ts'

/** A connection to one of the roles: for reading. A store that writes asks for a `Trx`. */
export type Db = Kysely<Tables>
/** A transaction; Kysely's type refuses a plain connection at compile time. */
export type Trx = Transaction<Tables>

/** The database roles, one a door (design, invariant 8). `daymark_queue` is BullMQ's own, where it runs on Postgres. */
export type Role = 'daymark_intake' | 'daymark_app' | 'daymark_worker' | 'daymark_auditor'

/** An open pool of connections that act as one role, whatever login the URL has, even a superuser. */
export interface Database {
  kysely: Db
  /** For a statement that is sent whole and often, such as the accept: one round trip, prepared once a connection. */
  query: <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) => Promise<Row[]>
  close: () => Promise<void>
}

const TIMESTAMPTZ = 1184
const DATE = 1082
const INT8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === TIMESTAMPTZ) return (text: string) => Temporal.Instant.from(text)
    if (oid === DATE) return (text: string) => text
    if (oid === INT8) return Number
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
  },
}

/**
 * The worker finds everything by a key. A plan that was made while a table was new scans it, and a connection keeps that plan
 * until the table is next analysed: measured, 85 ms for a look-up that takes the index half a millisecond.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'

/**
 * Opens a pool that acts as `role`, or as the login itself for the operator's own commands (null). `connectionsMax` is a
 * hard limit; a caller waits for a free one.
 */
export function openDatabase(url: string, role: Role | null, connectionsMax: number): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    types,
    options: `${role === null ? '' : `-c role=${role} `}${role === 'daymark_worker' ? `${BY_INDEX} ` : ''}-c timezone=UTC -c idle_in_transaction_session_timeout=15000 -c statement_timeout=30000`,
    application_name: role ?? 'daymark',
    // A pooler, or a setting in the URL, could drop the role: then nothing would hold row-level security.
    verify: (client, done) => void actsAs(client, role).then(done, done),
    connectionTimeoutMillis: 5_000,
  })
  // A connection that breaks is replaced on the next call, and whoever was using it hears of it from its own statement.
  // Without these listeners it would end the process: the pool's is for an idle one, the client's for one in a transaction.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    kysely: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparing(pool) }) }),
    query: async (text, values) => (await pool.query(prepared(text, values))).rows,
    close: () => pool.end(),
  }
}

/** @returns a fault where a new connection does not act as the role it was asked for; it is thrown away then */
async function actsAs(client: pg.PoolClient, role: Role | null): Promise<Error | undefined> {
  if (role === null) return undefined
  const { rows } = await client.query('select current_user as who')
  return rows[0]?.who === role
    ? undefined
    : new Error(`A connection acts as ${rows[0]?.who} and not as ${role}: is the role set in DATABASE_URL or dropped on the way?`)
}

/** Runs `work` in one transaction that sees and changes only what is `agency`'s. */
export function asAgency<T>(database: Database, agency: string, work: (trx: Trx) => Promise<T>): Promise<T> {
  return database.kysely.transaction().execute(async (trx) => {
    await sql`select set_config('daymark.agency', ${agency}, true)`.execute(trx)
    return work(trx)
  })
}

/** The commands whose row count Kysely reports. */
const COUNTED = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'] as const

/** Hands Kysely connections that prepare each statement once and understand Temporal values. */
function preparing(pool: pg.Pool) {
  return {
    connect: async () => {
      const client = await pool.connect()
      function query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>
      function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
      function query<Row>(
        text: string | PostgresCursor<Row>,
        values: readonly unknown[] = [],
      ): PostgresCursor<Row> | Promise<PostgresQueryResult<Row>> {
        if (typeof text !== 'string') throw new Error('Cursors are not used: every list has a limit')
        const sent = values.length === 0 ? client.query(text) : client.query(prepared(text, values))
        return sent.then(({ rows, rowCount, command }) => ({
          rows,
          rowCount: rowCount ?? 0,
          command: COUNTED.find((counted) => counted === command) ?? ('SELECT' as const),
        }))
      }
      return { query, release: () => client.release() }
    },
    end: () => pool.end(),
    options: pool.options,
  }
}

const STATEMENT_NAMES_MAX = 500
const statementNames = new Map<string, string>()

/** Parsing and planning cost Postgres more than running most of our statements: every text we send more than once is named. */
function prepared(text: string, values: readonly unknown[]): { name?: string; text: string; values: unknown[] } {
  let name = statementNames.get(text)
  if (name === undefined && statementNames.size < STATEMENT_NAMES_MAX) {
    name = createHash('sha1').update(text).digest('base64url')
    statementNames.set(text, name)
  }
  return { ...(name ? { name } : {}), text, values: values.map(toPostgres) }
}

/** pg would JSON-quote an Instant; Postgres reads its text. */
function toPostgres(value: unknown): unknown {
  if (value instanceof Temporal.Instant || value instanceof Temporal.PlainDate) return value.toString()
  if (Array.isArray(value)) return value.map(toPostgres)
  return value
}
