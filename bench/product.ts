import { createKey } from '../src/access/keys-store.ts'
import { newDaymarkKeys } from '../src/config.ts'
import { openDatabase } from '../src/database/connection.ts'
import { migrate } from '../src/database/migrate.ts'
import { freePort } from '../src/underneath/free-port.ts'
import type { Machine } from './machine.ts'
import { AUTHORITY, SCHOOLS, schoolUrn } from './notifications.ts'
import { type Program, type Settings, startProgram, startServe } from './programs.ts'

/** Something that takes notifications over HTTP, on a database of its own. */
export interface Side {
  name: 'product' | 'skeleton'
  url: string
  key: string
  databaseUrl: string
  stop: () => Promise<void>
}

/** A migrated database with its directory filled, to be cloned for every round; and what opens it. */
export interface Prepared {
  template: string
  daymarkKeys: string
  key: string
}

/** Migrates, makes a force's key, and puts the services and schools into the directory through the API. */
export async function prepareProduct(machine: Machine, receiverPort: number): Promise<Prepared> {
  const daymarkKeys = newDaymarkKeys()
  const database = await machine.newDatabase(null)
  await migrate(database.url, daymarkKeys)
  const owner = openDatabase(database.url, null, 1)
  const at = Temporal.Now.instant()
  const { key } = await createKey(owner.kysely, 'police-bench', ['notifications:write', 'notifications:read'], at)
  const { key: operator } = await createKey(owner.kysely, 'operator', ['directory:write'], at)
  await owner.close()
  const prepared = { template: database.name, daymarkKeys, key }
  const port = await freePort()
  const serve = await startServe(settingsOf(machine, prepared, database.url, { port, receiverPort }))
  for (const { id, ...recipient } of directory(receiverPort)) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/directory/recipients/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify(recipient),
    })
    if (!answer.ok) throw new Error(`The recipient ${id} was answered ${answer.status}: ${await answer.text()}`)
  }
  await serve.stop()
  return prepared
}

function directory(receiverPort: number) {
  const services = ['childrens_social_care', 'education_authority', 'health', 'marac', 'idva', 'police_child_protection']
  const termsFrom = Temporal.Now.plainDateISO().subtract({ days: 60 })
  const terms = [[termsFrom.toString(), termsFrom.add({ days: 180 }).toString()]]
  const schools = Array.from({ length: SCHOOLS }, (_, index) => {
    const urn = schoolUrn(index)
    const url = `http://127.0.0.1:${receiverPort}/schools/${urn}`
    const contacts = [{ name: 'Alder Penhaligon', role: 'key_adult', email: `key-adult@${urn}.example`, phone: '01632 960001' }]
    return {
      id: `school-${urn}`,
      service: 'education_setting',
      name: `School ${urn}`,
      urn,
      channel: { kind: 'webhook', url },
      contacts,
      terms,
    }
  })
  return [
    ...services.map((service) => ({
      id: `bench-${service}`,
      service,
      name: service,
      authorities: [AUTHORITY],
      channel: { kind: 'pull_queue' },
    })),
    ...schools,
  ]
}

function settingsOf(
  machine: Machine,
  { daymarkKeys }: Prepared,
  databaseUrl: string,
  { port, receiverPort }: { port: number; receiverPort: number },
): Settings {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: machine.redisUrl,
    DAYMARK_KEYS: daymarkKeys,
    HOST: '127.0.0.1',
    PORT: String(port),
    DAYMARK_WEBHOOK_ALLOW: `127.0.0.1:${receiverPort}`,
    DAYMARK_REQUESTS_PER_SECOND: '1000000',
  }
}

const startWorker = (settings: Settings): Promise<Program> => startProgram(['src/main.ts', 'worker'], settings, '"msg":"working"')

/** The product as production runs it, on a fresh clone: the API, and one worker unless only the door is measured. */
export async function startProduct(
  machine: Machine,
  prepared: Prepared,
  { receiverPort, worker }: { receiverPort: number; worker: boolean },
): Promise<Side> {
  const database = await machine.newDatabase(prepared.template)
  const port = await freePort()
  const settings = settingsOf(machine, prepared, database.url, { port, receiverPort })
  const running = [await startServe(settings)]
  if (worker) running.push(await startWorker(settings))
  return {
    name: 'product',
    url: `http://127.0.0.1:${port}/v1/notifications`,
    key: prepared.key,
    databaseUrl: database.url,
    stop: async () => {
      for (const program of running.reverse()) await program.stop()
      await database.drop()
    },
  }
}

/** The yardstick, unchanged, on an empty database. */
export async function startSkeleton(machine: Machine, receiverPort: number): Promise<Side> {
  const database = await machine.newDatabase(null)
  const port = await freePort()
  const settings = {
    DATABASE_URL: database.url,
    REDIS_URL: machine.redisUrl,
    PORT: String(port),
    RECEIVER: `http://127.0.0.1:${receiverPort}/skeleton`,
  }
  const program = await startProgram(['bench/bench-skeleton.ts'], settings, 'up')
  return {
    name: 'skeleton',
    url: `http://127.0.0.1:${port}/v1/notifications`,
    key: 'none',
    databaseUrl: database.url,
    stop: async () => {
      await program.stop()
      await database.drop()
    },
  }
}
