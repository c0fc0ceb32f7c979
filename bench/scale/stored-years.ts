/**
 * Years of stored notifications, made inside Postgres: rows, keys, dispatches and events as triage leaves them, so that every
 * index is as large as it would be. Nothing of them is ever opened: where something sealed would stand out of line there are
 * as many bytes as a pointer to it takes. Whoever is to be found again is stored by `families.ts`, whole.
 */
import pg from 'pg'

export interface StoredYears {
  /** How many notifications. */
  count: number
  /** The newest is a day older than this, the oldest five years. */
  at: Temporal.Instant
  force: string
  authority: string
  /** The service key of the person keys, as rows name it. */
  indexKey: string
  /** Hears how far it is, and of what. */
  told: (done: number, total: number, what: string) => void
}

const YEARS = 5
const BATCH = 10_000
/** The tables that are filled, in the order of their foreign keys. */
const TABLES = ['notification', 'data_key', 'person_key', 'dispatch', 'task', 'audit_stream', 'audit_event']

/** Fills an empty, migrated database as its owner. Indexes that no constraint needs are made afterwards: it takes a third of the time. */
export async function storeYears(url: string, years: StoredYears): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'daymark bench' })
  await client.connect()
  try {
    // No trigger and no foreign key is asked a million times over; what is stored satisfies them.
    await client.query(
      `set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '256MB'; set timezone = 'UTC'`,
    )
    await client.query(
      'create temp table stored (id text, number int, hash text, family int, at timestamptz, force text, authority text, index_key text)',
    )
    const indexes = await dropIndexes(client)
    for (let done = 0; done < years.count; done += BATCH) {
      const to = Math.min(done + BATCH, years.count)
      await storeBatch(client, years, done, to)
      years.told(to, years.count, 'notifications stored')
    }
    for (const [made, definition] of indexes.entries()) {
      await client.query(definition)
      years.told(made + 1, indexes.length, 'indexes made')
    }
    for (const [done, table] of TABLES.entries()) {
      // By itself Postgres would tidy a small table in the midst of the turns, and a large one not.
      await client.query(`alter table ${table} set (autovacuum_enabled = false)`)
      await client.query(`vacuum (analyze) ${table}`)
      years.told(done + 1, TABLES.length, 'tables tidied')
    }
  } finally {
    await client.end()
  }
}

async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select i.indexname as name, i.indexdef as definition from pg_indexes i
     where i.schemaname = 'public' and i.tablename = any($1)
       and not exists (select from pg_constraint c where c.conindid = format('%I.%I', i.schemaname, i.indexname)::regclass)
     order by 1`,
    [TABLES],
  )
  for (const { name } of rows) await client.query(`drop index ${pg.escapeIdentifier(name)}`)
  return rows.map(({ definition }) => definition)
}

/**
 * Most families are known of once or twice in five years; of fifteen notifications in a hundred the family has been here some
 * ten times, and of one in a hundred some sixty.
 */
const STORED = `
  insert into stored
  select format('ntf_%s-%s-7%s-8%s-%s', left(ms, 8), right(ms, 4), left(hash, 3), substr(hash, 4, 3), substr(hash, 7, 12)),
    number, hash,
    case when which < 0.84 then floor(who * 0.8 * $3)
         when which < 0.99 then floor(who * greatest(1, 0.016 * $3))
         else floor(who * greatest(1, 0.00016 * $3)) end,
    at, $5, $6, $7
  from (
    select number, at, md5(number::text) as hash, lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') as ms,
      ('x' || substr(md5('which' || number), 1, 7))::bit(28)::int / 2.0 ^ 28 as which,
      ('x' || substr(md5('who' || number), 1, 7))::bit(28)::int / 2.0 ^ 28 as who
    from (
      select number, $4::timestamptz - interval '1 day' - (1 - number / $3::float8) * interval '${YEARS} years' as at
      from generate_series($1::int, $2::int - 1) as number) as numbered) as hashed`

/** As long as a pointer to what is stored out of line. */
const SEALED = `'\\x000000000000000000000000000000000000'::bytea`

const FILLED = [
  `insert into notification (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, received_by,
     state, body_hmac, body, record, victim_risk, policy_area, policy_from, policy_sha256, triaged_at)
   select id, force, 'STORED-' || number, 1, authority, at - interval '20 minutes', at, at, 'cli_bench', 'triaged', decode(hash || hash, 'hex'),
     ${SEALED}, ${SEALED}, (array['standard', 'medium', 'high'])[1 + number % 3], 'stored', '2025-01-01', repeat('0', 64), at
   from stored`,
  `insert into data_key (notification_id, wrapped, wrapped_by)
   select id, decode(repeat(hash, 3) || left(hash, 24), 'hex'), 'stored' from stored`,
  // What sounds alike is shared by two families.
  `insert into person_key (key, kind, index_key, notification_id, ref, role, occurred_at)
   select decode(md5(k.kind || k.ref || s.family / k.shared_by), 'hex'), k.kind, s.index_key, s.id, k.ref, k.role, s.at - interval '20 minutes'
   from stored s cross join (values
     ('name+birth', 'v1', 'victim', 1), ('sound+birth', 'v1', 'victim', 2), ('police-id', 'v1', 'victim', 1), ('nhs', 'v1', 'victim', 1),
     ('uprn', 'v1', 'victim', 1), ('address', 'v1', 'victim', 1), ('name+birth', 's1', 'suspect', 1), ('sound+birth', 's1', 'suspect', 2),
     ('police-id', 's1', 'suspect', 1), ('name+birth', 'c1', 'child', 1), ('sound+birth', 'c1', 'child', 2), ('upn', 'c1', 'child', 1)
   ) as k (kind, ref, role, shared_by)`,
  `insert into dispatch (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, victim_risk, obligation,
     state, release_at, due_by, content, content_hmac, planned_at, collected_at, acknowledged_at)
   select 'dsp_' || substr(s.id, 5, 15) || d.number || substr(s.id, 21), s.id, s.force, d.recipient, d.recipient, 'pull_queue', d.service, 'referral',
     '{c1}', '{stored-rule}', 'high', md5(d.service), 'acknowledged', s.at, s.at + interval '24 hours', ${SEALED}, decode(s.hash || s.hash, 'hex'),
     s.at, s.at, s.at
   from stored s cross join (values (7, 'bench-childrens_social_care', 'childrens_social_care'), (8, 'bench-health', 'health')) as d (number, recipient, service)`,
  `insert into task (id, notification_id, agency, desk, questions, due_by, state, opened_at, decided_at)
   select 'tsk_' || substr(id, 5), id, force, 'domestic_abuse_review', ${SEALED}, at, 'decided', at, at
   from stored where number % 4 = 0`,
  `insert into audit_stream (id, seq, hash) select id, 4, decode(hash || hash, 'hex') from stored`,
  `insert into audit_event (id, stream, seq, at, kind, actor, body, hash)
   select format('evt_%s%s%s', substr(s.id, 5, 15), seq, substr(s.id, 21)), s.id, seq, s.at, 'stored', force, repeat('stored ', 50), decode(s.hash || s.hash, 'hex')
   from stored s cross join generate_series(1, 4) as seq`,
]

async function storeBatch(client: pg.Client, { count, at, force, authority, indexKey }: StoredYears, from: number, to: number) {
  await client.query('begin')
  await client.query('truncate stored')
  await client.query(STORED, [from, to, count, at.toString(), force, authority, indexKey])
  for (const text of FILLED) await client.query(text)
  await client.query('commit')
}
