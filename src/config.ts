import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type KeyRing, readKeyRing } from './database/sealing.ts'

/** The service's settings, read once. Nothing else reads the environment, and no secret has a default. */
export interface Config {
  databaseUrl: string
  /** Null: BullMQ runs on Postgres. */
  redisUrl: string | null
  host: string
  port: number
  daymarkKeys: string
  keyRing: KeyRing
  /** `host:port` pairs that may be called without HTTPS and behind the address guard. For demo and tests. */
  webhookAllow: ReadonlySet<string>
  /** Where the clock starts instead of now. Only with DAYMARK_TEST=1. */
  clockStartsAt: Temporal.Instant | null
  logLevel: string
  /** Requests a second one client may make before it is asked to wait. */
  requestsPerSecondMax: number
  build: { number: string; gitRef: string; gitBranch: string }
}

const settings = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
    .refine((url) => !new URL(url).searchParams.has('options'), {
      error: 'may not set options: the role each pool acts as is set there',
    }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' }).optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  DAYMARK_KEYS: z.string(),
  DAYMARK_WEBHOOK_ALLOW: z.string().default(''),
  DAYMARK_CLOCK: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' }).optional(),
  DAYMARK_TEST: z.enum(['0', '1']).default('0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  DAYMARK_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).default(1000),
  BUILD_NUMBER: z.string().default('local'),
  GIT_REF: z.string().default('local'),
  GIT_BRANCH: z.string().default('local'),
})

/**
 * Reads the environment.
 * @throws one error that names every setting that is missing or malformed, and shows no value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is what a compose file leaves where nothing was set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = settings.safeParse(given)
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(
        (issue) => `${issue.path.join('.')} ${given[issue.path.join('.')] === undefined ? 'is missing' : issue.message}`,
      )
  const keys = readKeys(given.DAYMARK_KEYS)
  faults.push(...keys.faults)
  if (given.DAYMARK_CLOCK && given.DAYMARK_TEST !== '1')
    faults.push('DAYMARK_CLOCK moves the clock and is refused unless DAYMARK_TEST=1')
  if (!parsed.success || !keys.ring || faults.length > 0) throw new ConfigFault(faults)
  const read = parsed.data
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL ?? null,
    host: read.HOST,
    port: read.PORT,
    daymarkKeys: read.DAYMARK_KEYS,
    keyRing: keys.ring,
    webhookAllow: new Set(
      read.DAYMARK_WEBHOOK_ALLOW.split(',')
        .map((pair) => pair.trim())
        .filter(Boolean),
    ),
    clockStartsAt: read.DAYMARK_CLOCK ? Temporal.Instant.from(read.DAYMARK_CLOCK) : null,
    logLevel: read.LOG_LEVEL,
    requestsPerSecondMax: read.DAYMARK_REQUESTS_PER_SECOND,
    build: { number: read.BUILD_NUMBER, gitRef: read.GIT_REF, gitBranch: read.GIT_BRANCH },
  }
}

function readKeys(text: string | undefined): { ring: KeyRing | null; faults: string[] } {
  if (text === undefined) return { ring: null, faults: [] }
  try {
    return { ring: readKeyRing(text), faults: [] }
  } catch (fault) {
    return { ring: null, faults: [fault instanceof Error ? fault.message : 'DAYMARK_KEYS cannot be read'] }
  }
}

/** Where a command finds the key of the client it acts as. @throws where there is none */
export function readApiKey(environment: Readonly<Record<string, string | undefined>>): string {
  const key = environment.DAYMARK_API_KEY
  if (!key) throw new ConfigFault(['DAYMARK_API_KEY is missing: make a key with `daymark keys create`'])
  return key
}

/** The settings cannot be used; says which and why, all at once. */
export class ConfigFault extends Error {
  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
  }
}

/** A new key for DAYMARK_KEYS, for the demo and for tests; in production somebody makes it with care. */
export function newDaymarkKeys(): string {
  return `k1:${randomBytes(32).toString('base64')}`
}
