/**
 * The limit of collecting: one `pg` process that claims from a narrow table with FOR UPDATE SKIP LOCKED, as many rows a statement and
 * over as many connections as the product is asked for. No HTTP, no reading, no opening, no events: what Postgres and its driver can do.
 */
import pg from 'pg'
import { answer, given, moment } from './programs.ts'

const MAKE = `
  create table raw_claim (id text primary key, queue text not null, state text not null, due_by timestamptz not null, lease_until timestamptz);
  insert into raw_claim select 'dsp_' || gen_random_uuid(), 'bench', 'released', now() + number * interval '1 second', null
    from generate_series(1, ROWS) as number;
  create index raw_claim_waiting on raw_claim (queue, due_by, id) where state = 'released';
  analyze raw_claim`

const CLAIM = `
  with chosen as (
    select id from raw_claim where queue = $1 and state = 'released' order by due_by, id limit $2 for update skip locked)
  update raw_claim c set state = 'collected', lease_until = now() + interval '1 hour' from chosen where c.id = chosen.id returning c.id`

async function connect(): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString: given('DATABASE_URL') })
  await connection.connect()
  return connection
}

const each = Number(given('EACH'))
const claims = Number(given('CLAIMS'))
const warmUp = Number(given('WARM_UP'))
const clients = await Promise.all(Array.from({ length: Number(given('CONNECTIONS')) }, connect))
await clients[0]?.query(MAKE.replace('ROWS', String((claims + warmUp) * each)))

async function claim(count: number): Promise<number> {
  let left = count
  let rows = 0
  const startedAt = moment()
  const turn = async (client: pg.Client) => {
    while (left-- > 0) rows += (await client.query({ name: 'claim', text: CLAIM, values: ['bench', each] })).rows.length
  }
  await Promise.all(clients.map(turn))
  return (rows / (moment() - startedAt)) * 1000
}

await claim(warmUp)
answer({ perSecond: await claim(claims) })
await Promise.all(clients.map((client) => client.end()))
