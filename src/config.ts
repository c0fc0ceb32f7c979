import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { readSignInSettings, type SignInSettings, type TokenSettings } from './access/sign-in-settings.ts'
import { type KeyRing, readKeyRing } from './database/sealing.ts'
import { type MailSettings, readMailSettings } from './delivery/email/mail-settings.ts'

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
  /** How e-mail is sent; null where no SMTP_URL is set. */
  mail: MailSettings | null
  /** Where people reach this service, without a slash at its end; null where nobody does. */
  publicUrl: string | null
  /** How people sign in; null where no OIDC_ISSUER is set. */
  signIn: SignInSettings | null
  /** Whose tokens machine clients may bring beside API keys; null where no OAUTH_ISSUER is set. */
  tokens: TokenSettings | null
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
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  SMTP_CA_FILE: z.string().optional(),
  DAYMARK_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an https:// URL' })
    .refine(isPublicUrl, { error: 'must be https:// without path, query or credentials: links in e-mails lead there' })
    .optional(),
  OIDC_ISSUER: z.string().optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_ROLES_CLAIM: z.string().optional(),
  OAUTH_ISSUER: z.string().optional(),
  OAUTH_AUDIENCE: z.string().optional(),
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
  const { mail, faults: mailFaults } = readMailSettings(given)
  faults.push(...mailFaults)
  const webhookAllow = readPairs(given.DAYMARK_WEBHOOK_ALLOW ?? '')
  const { signIn, tokens, faults: signInFaults } = readSignInSettings(given, webhookAllow)
  faults.push(...signInFaults)
  if (!parsed.success || !keys.ring || faults.length > 0) throw new ConfigFault(faults)
  const read = parsed.data
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL ?? null,
    host: read.HOST,
    port: read.PORT,
    daymarkKeys: read.DAYMARK_KEYS,
    keyRing: keys.ring,
    webhookAllow,
    mail,
    signIn,
    tokens,
    publicUrl: read.DAYMARK_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    clockStartsAt: read.DAYMARK_CLOCK ? Temporal.Instant.from(read.DAYMARK_CLOCK) : null,
    logLevel: read.LOG_LEVEL,
    requestsPerSecondMax: read.DAYMARK_REQUESTS_PER_SECOND,
    build: { number: read.BUILD_NUMBER, gitRef: read.GIT_REF, gitBranch: read.GIT_BRANCH },
  }
}

function readPairs(text: string): ReadonlySet<string> {
  const pairs = text.split(',').map((pair) => pair.trim())
  return new Set(pairs.filter(Boolean))
}

/** A link that could be read on the way would be somebody else's to open. This machine itself may be reached without TLS. */
function isPublicUrl(text: string): boolean {
  const { protocol, hostname, pathname, search, hash, username } = new URL(text)
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '') return false
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
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
