import { afterAll } from 'vitest'
import { type Database, openDatabase } from '../../src/database/connection.ts'
import { aDatabase } from '../support/database.ts'
import { aClient, type TestClient } from '../support/daymark.ts'
import { type DaymarkProcess, startServe, startWorker } from '../support/processes.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { loadDirectory } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'
import { aFamilyOfItsOwn, CLOCK, URNS } from './families.ts'

/** What the API said to a notification it took in. */
export interface Receipt {
  id: string
  policeReference: string
  /** It had been taken in before, and that answer was lost. */
  replayed: boolean
}

/** The service as production runs it, in processes of its own that a test may kill. */
export interface BreakableService {
  api: DaymarkProcess
  /** Starts one more worker. */
  aWorker: () => Promise<DaymarkProcess>
  /** The server behind every school. */
  school: Receiver
  police: TestClient
  socialCare: TestClient
  operator: TestClient
  /** Looks into the database as the login itself. */
  database: Database
  databaseUrl: string
  /** Every 202 so far, by police reference. */
  accepted: ReadonlyMap<string, Receipt>
  /** Sends the families with these numbers, so many at one time, each again until it is answered 202, as a force does. */
  send: (numbers: readonly number[], together?: number) => Promise<Receipt[]>
}

const databases: Database[] = []
afterAll(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()))
})

/** @param redisUrl null: BullMQ on Postgres */
export async function aServiceToBreak(redisUrl: string | null): Promise<BreakableService> {
  const [{ url: databaseUrl, daymarkKeys }, school] = await Promise.all([aDatabase(), aReceiver()])
  const settings = {
    DATABASE_URL: databaseUrl,
    DAYMARK_KEYS: daymarkKeys,
    DAYMARK_CLOCK: CLOCK,
    DAYMARK_TEST: '1',
    DAYMARK_REQUESTS_PER_SECOND: '100000',
    DAYMARK_WEBHOOK_ALLOW: school.host,
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  }
  const database = openDatabase(databaseUrl, null, 4)
  databases.push(database)
  const api = await startServe({ ...settings, LOG_LEVEL: 'error' })
  const client = (agency: string, scopes: Parameters<typeof aClient>[3]) => aClient(api.url, databaseUrl, agency, scopes)
  const operator = await loadDirectory({ client })
  await addSchools(operator, school)
  const police = await client('police-derbyshire', ['notifications:write', 'notifications:read'])
  const accepted = new Map<string, Receipt>()
  return {
    api,
    aWorker: () => startWorker({ ...settings, LOG_LEVEL: 'info' }),
    school,
    police,
    socialCare: await client('csc-E06000015', ['dispatches:collect']),
    operator,
    database,
    databaseUrl,
    accepted,
    send: (numbers, together = 16) => sendAll(police, accepted, numbers, together),
  }
}

async function addSchools(operator: TestClient, school: Receiver): Promise<void> {
  const secrets: string[] = []
  for (const urn of URNS) {
    const written = await operator.put(`/v1/directory/recipients/school-${urn}`, {
      service: 'education_setting',
      name: `School ${urn}`,
      urn,
      agency: `school-${urn}`,
      channel: { kind: 'webhook', url: `${school.url}/${urn}` },
      contacts: [{ name: 'Alder Penhaligon', role: 'key_adult', email: `key-adult@${urn}.example` }],
    })
    if (written.status >= 300) throw new Error(`The school was not written: ${JSON.stringify(written.body)}`)
    secrets.push(written.body.secret)
  }
  school.trust(...secrets)
}

async function sendAll(
  police: TestClient,
  accepted: Map<string, Receipt>,
  numbers: readonly number[],
  together: number,
): Promise<Receipt[]> {
  const waiting = [...numbers]
  const receipts: Receipt[] = []
  const oneAfterAnother = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const receipt = await sendUntilTaken(police, number)
      const before = accepted.get(receipt.policeReference)
      if (before && before.id !== receipt.id) throw new Error(`${receipt.policeReference} was given two ids`)
      accepted.set(receipt.policeReference, receipt)
      receipts.push(receipt)
    }
  }
  await Promise.all(Array.from({ length: together }, oneAfterAnother))
  return receipts
}

/** How long a force goes on sending the same body, in milliseconds, before this counts as refused. */
const TAKEN_WITHIN_MS = 30_000

async function sendUntilTaken(police: TestClient, number: number): Promise<Receipt> {
  const notification = aFamilyOfItsOwn(number)
  const answer = await waitFor(
    `${notification.policeReference} is taken in`,
    async () => {
      // A connection that was refused or broke off: nobody answered, and the force sends the same again.
      const answered = await police.post('/v1/notifications', notification).catch(() => null)
      if (answered === null || answered.status === 503) return null
      if (answered.status !== 202) throw new Error(`Answered ${answered.status}: ${JSON.stringify(answered.body)}`)
      return answered
    },
    TAKEN_WITHIN_MS,
  )
  const { id, policeReference } = answer.body
  return { id, policeReference, replayed: answer.headers.get('idempotent-replayed') === 'true' }
}

/** The numbers from `first`, so many. */
export const numbersFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index)
