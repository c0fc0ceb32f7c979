/**
 * The first limit: one `pg` process that sends the product's own accept statement over CONNECTIONS connections, as the same
 * role, with parameters made before the clock starts. No HTTP, no reading, no sealing: what Postgres and its driver can do.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { readKeyRing } from '../src/database/sealing.ts'
import { ACCEPT, acceptParameters } from '../src/intake/accept-store.ts'
import { prepare } from '../src/intake/receive-notification.ts'
import { bodies } from './notifications.ts'
import { answer, given, moment } from './programs.ts'

const secret = () => randomBytes(32)
const keys = {
  ring: readKeyRing(given('DAYMARK_KEYS')),
  service: { index: { id: 'index-1', key: secret() }, body: secret(), content: secret(), link: secret(), access: secret() },
}
const client = { id: 'cli_bench', agency: 'police-bench' }

function parametersOf(body: Buffer): unknown[] {
  const notification = JSON.parse(body.toString('utf8'))
  const accepted = prepare({ keys, now: () => Temporal.Now.instant() }, { client, notification, idempotencyKey: null })
  return acceptParameters([accepted]).map(toText)
}

/** As the product's own connections hand them to `pg`. */
function toText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toText)
  return value instanceof Temporal.Instant ? value.toString() : value
}

async function connect(): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString: given('DATABASE_URL'), options: '-c role=daymark_intake -c timezone=UTC' })
  await connection.connect()
  return connection
}

async function send(clients: readonly pg.Client[], parameters: readonly unknown[][]): Promise<number> {
  let next = 0
  const startedAt = moment()
  const turn = async (connection: pg.Client) => {
    for (let values = parameters[next++]; values !== undefined; values = parameters[next++])
      await connection.query({ name: 'accept', text: ACCEPT, values: [...values] })
  }
  await Promise.all(clients.map(turn))
  return (parameters.length / (moment() - startedAt)) * 1000
}

const count = Number(given('COUNT'))
const warmUp = Number(given('WARM_UP'))
const parameters = bodies(Number(given('FROM')), warmUp + count).map(parametersOf)
const clients = await Promise.all(Array.from({ length: Number(given('CONNECTIONS')) }, connect))
await send(clients, parameters.slice(0, warmUp))
answer({ perSecond: await send(clients, parameters.slice(warmUp)) })
await Promise.all(clients.map((connection) => connection.end()))
