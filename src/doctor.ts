import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { startClock } from './clock.ts'
import type { Config } from './config.ts'
import { type Database, openDatabase } from './database/connection.ts'
import { openServiceKeys } from './database/service-keys.ts'
import { openMailer } from './delivery/email/mailer.ts'
import { examineDoors } from './examine-doors.ts'
import { bankHolidayHealth, clockHealth, postgresHealth } from './health-routes.ts'
import { faultLine, readPacks } from './policy/load.ts'
import type { Clock } from './words/clock.ts'

/** One thing looked at. A FAULT must be mended before the service may carry anything; a WARN wants a person soon. */
export interface Examined {
  mark: 'ok   ' | 'WARN ' | 'FAULT'
  part: string
  detail: string
}

const POSTGRES_MIN = 15
const REDIS_MIN = [6, 2] as const
const ANSWER_WITHIN_MS = 3_000

const ok = (part: string, detail: string): Examined => ({ mark: 'ok   ', part, detail })
const warn = (part: string, detail: string): Examined => ({ mark: 'WARN ', part, detail })
const fault = (part: string, detail: string): Examined => ({ mark: 'FAULT', part, detail })

/** Looks at everything the service stands on, and says for each what to do where it cannot be relied on. */
export async function examine(config: Config, wall: Clock): Promise<Examined[]> {
  const database = openDatabase(config.databaseUrl, null, 2)
  try {
    return [
      ...(await examinePostgres(database, config, wall)),
      ...(await examineQueue(config)),
      await examineMail(config),
      ...(await examineDoors(config)),
      ...(await examinePacks()),
      holidays(wall()),
    ]
  } finally {
    await database.close()
  }
}

async function examinePostgres(database: Database, config: Config, wall: Clock): Promise<Examined[]> {
  const found: Examined[] = []
  try {
    const [row] = await database.query<{ version: string; superuser: boolean; sync: string }>(
      `select current_setting('server_version_num') as version, rolsuper as superuser, current_setting('synchronous_commit') as sync
       from pg_roles where rolname = current_user`,
      [],
    )
    const major = Math.floor(Number(row?.version ?? 0) / 10_000)
    found.push(
      major >= POSTGRES_MIN
        ? ok('postgres', `version ${major}`)
        : fault('postgres', `version ${major}; ${POSTGRES_MIN} or newer is needed`),
    )
    if (row?.sync === 'off')
      found.push(fault('postgres', 'synchronous_commit is off: a 202 could be lost with the machine. Turn it on'))
    if (row?.superuser)
      found.push(
        warn(
          'login',
          'DATABASE_URL logs in as a superuser. Each pool acts as a narrow role all the same; a plain login is safer',
        ),
      )
    const schema = await postgresHealth(database)
    found.push(
      schema.status === 'UP' ? ok('schema', 'every migration has run') : fault('schema', schema.detail ?? 'it cannot be read'),
    )
    const clock = await startClock(database, wall, null)
    clock.stop()
    const skew = clockHealth(clock.skewMs())
    found.push(
      skew.status === 'UP' ? ok('clock', 'this machine and Postgres agree') : fault('clock', `${skew.detail}. Set both by NTP`),
    )
    if (schema.status === 'UP') found.push(await examineNames(database), await examineKeys(database, config))
    return found
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no answer'
    return [...found, fault('postgres', `it cannot be reached (${code}). Is DATABASE_URL right, and is Postgres up?`)]
  }
}

/** Without both extensions a school is only proposed where every word of its name is right. */
async function examineNames(database: Database): Promise<Examined> {
  const text = `select extname as name from pg_extension where extname in ('pg_trgm', 'unaccent') order by 1`
  const there = (await database.query<{ name: string }>(text, [])).map(({ name }) => name)
  const absent = ['pg_trgm', 'unaccent'].filter((name) => !there.includes(name))
  if (absent.length === 0) return ok('names', 'a school is proposed by a name that is nearly right')
  const detail = `${absent.join(' and ')} could not be created when the database was migrated: fewer schools are proposed by name`
  return warn('names', `${detail}. Let an administrator create them before the first migration`)
}

/** Every key that still seals something must be in DAYMARK_KEYS: without it what it seals is lost. */
async function examineKeys(database: Database, { keyRing }: Config): Promise<Examined> {
  const rows = await database.query<{ id: string }>(
    `select distinct wrapped_by as id from data_key union select distinct wrapped_by from recipient
     union select distinct wrapped_by from open_case where not closed union select distinct wrapped_by from pupil_roll
     union select distinct wrapped_by from marac_case union select distinct wrapped_by from earlier_incident
     union select distinct wrapped_by from person_session union select distinct wrapped_by from service_key`,
    [],
  )
  const absent = rows.filter(({ id }) => !keyRing.byId.has(id)).map(({ id }) => id)
  if (absent.length > 0)
    return fault('keys', `DAYMARK_KEYS lacks ${absent.join(', ')}, which still seals data. Add it behind the first`)
  try {
    await openServiceKeys(database.kysely, keyRing)
    return ok('keys', `${keyRing.byId.size} in DAYMARK_KEYS, the first seals`)
  } catch {
    return fault('keys', 'a key in DAYMARK_KEYS has the right name and the wrong bytes, or the service keys are missing')
  }
}

async function examineQueue({ redisUrl }: Config): Promise<Examined[]> {
  if (redisUrl === null) return [ok('queue', 'BullMQ on Postgres (no REDIS_URL): slower than Redis, and as safe')]
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_WITHIN_MS,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    const server = await redis.info('server')
    const [major = 0, minor = 0] = (/redis_version:(\S+)/.exec(server)?.[1] ?? '').split('.').map(Number)
    const [policy, appendonly] = [await setting(redis, 'maxmemory-policy'), await setting(redis, 'appendonly')]
    const recent = major > REDIS_MIN[0] || (major === REDIS_MIN[0] && minor >= REDIS_MIN[1])
    return [
      recent
        ? ok('queue', `Redis ${major}.${minor}`)
        : fault('queue', `Redis ${major}.${minor}; ${REDIS_MIN.join('.')} or newer is needed`),
      policy === 'noeviction'
        ? ok('queue', 'maxmemory-policy is noeviction')
        : fault('queue', `maxmemory-policy is ${policy}: Redis could drop locks. Set it to noeviction`),
      appendonly === 'yes'
        ? ok('queue', 'append-only file is on')
        : warn('queue', 'appendonly is off: after a restart hints come again from Postgres, seconds later'),
    ]
  } catch {
    return [
      fault(
        'queue',
        'Redis cannot be reached or asked. Is REDIS_URL right? Everything goes on from Postgres meanwhile, a little later',
      ),
    ]
  } finally {
    redis.disconnect()
  }
}

/** It must answer, encrypt, prove who it is and let us in; nothing is sent. */
async function examineMail({ mail, publicUrl }: Config): Promise<Examined> {
  if (mail === null)
    return warn('e-mail', 'SMTP_URL is not set: whoever has only a mailbox is told by telephone, and nobody is prompted')
  const mailer = openMailer(mail)
  const health = await mailer.verify()
  mailer.close()
  return health.kind === 'answers'
    ? ok('e-mail', `the mail server answers, encrypted; links lead to ${publicUrl}`)
    : fault('e-mail', `${health.why}. Look at SMTP_URL, and at SMTP_CA_FILE where your own authority vouches for it`)
}

/** RESP 2 answers with a list of name and value, RESP 3 with a map. */
async function setting(redis: Redis, name: string): Promise<string> {
  const answer: unknown = await redis.config('GET', name)
  if (Array.isArray(answer)) return String(answer[1])
  return answer instanceof Map
    ? String(answer.get(name))
    : typeof answer === 'object' && answer !== null
      ? String(Object.values(answer)[0])
      : ''
}

async function examinePacks(): Promise<Examined[]> {
  const read = await readPacks(fileURLToPath(new URL('../policies', import.meta.url)))
  if (read.kind === 'faults') return read.faults.map((found) => fault('policies', faultLine(found)))
  return [ok('policies', read.packs.editions.map(({ area, inForceFrom }) => `${area} ${inForceFrom}`).join(', '))]
}

function holidays(at: Temporal.Instant): Examined {
  const health = bankHolidayHealth(at)
  return health.status === 'UP'
    ? ok('bank holidays', 'known for the next six months')
    : warn('bank holidays', health.detail ?? '')
}
