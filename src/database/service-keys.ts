import { randomBytes } from 'node:crypto'
import type { Db } from './connection.ts'
import { type KeyRing, openDataKey, seal } from './sealing.ts'

/** Random secrets of the service, made once by `migrate` and kept wrapped (design, invariant 6). */
export interface ServiceKeys {
  /** Person keys: the same person is found again by HMAC under this key, which carries its own id. */
  index: { id: string; key: Buffer }
  /** Idempotency: was the same body sent before? */
  body: Buffer
  /** What a dispatch said, provable later without keeping it in the clear. */
  content: Buffer
  /** Signs the links in e-mails, and names addresses without keeping them in the clear. */
  link: Buffer
  /** Names people and token holders without keeping who they are, and seals what a browser carries while somebody signs in. */
  access: Buffer
}

const KINDS = ['index', 'body', 'content', 'link', 'access'] as const

/** Makes whichever service keys are missing. Two processes may do so at once: the first one's stay. */
export async function makeServiceKeys(db: Db, ring: KeyRing, at: Temporal.Instant): Promise<void> {
  for (const kind of KINDS) {
    const id = `${kind}-1`
    const wrapped = seal(ring.first.key, `key|${id}`, randomBytes(32))
    await db
      .insertInto('service_key')
      .values({ id, kind, wrapped, wrapped_by: ring.first.id, made_at: at })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
}

/**
 * Opens the service keys.
 * @throws when `migrate` has not made them, or DAYMARK_KEYS lacks the key that wrapped one or that still seals a data key
 */
export async function openServiceKeys(db: Db, ring: KeyRing): Promise<ServiceKeys> {
  await refuseAbsentKeys(db, ring)
  const rows = await db
    .selectFrom('service_key')
    .select(['id', 'kind', 'wrapped', 'wrapped_by'])
    .orderBy('id', 'desc')
    .limit(100)
    .execute()
  const opened = (kind: (typeof KINDS)[number]) => {
    const row = rows.find((candidate) => candidate.kind === kind)
    if (!row) throw new Error(`The service key "${kind}" is missing: run \`npm run daymark -- migrate\``)
    return { id: row.id, key: openDataKey(ring, row.id, { wrapped: row.wrapped, wrappedBy: row.wrapped_by }) }
  }
  const keys = {
    index: opened('index'),
    body: opened('body').key,
    content: opened('content').key,
    link: opened('link').key,
    access: opened('access').key,
  }
  // Only now is it known that these keys belong here: a wrong start must leave nothing that makes the right one fail.
  await rememberFirst(db, ring)
  return keys
}

/** Without a key that sealed here before, what it sealed could not be opened: the start is refused. */
async function refuseAbsentKeys(db: Db, ring: KeyRing): Promise<void> {
  const used = await db.selectFrom('sealing_key').select('id').orderBy('first_used').limit(1000).execute()
  const absent = used.filter(({ id }) => !ring.byId.has(id)).map(({ id }) => id)
  if (absent.length > 0)
    throw new Error(`DAYMARK_KEYS lacks ${absent.join(', ')}, which still seals data here: add it behind the first`)
}

async function rememberFirst(db: Db, ring: KeyRing): Promise<void> {
  await db
    .insertInto('sealing_key')
    .values({ id: ring.first.id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Everything that opens and closes what is sealed: handed to the stores that do. */
export interface Keys {
  ring: KeyRing
  service: ServiceKeys
}
