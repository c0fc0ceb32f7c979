import { afterAll, beforeAll, expect, test } from 'vitest'
import { aBrowser } from '../../test/support/browser.ts'
import { aClock } from '../../test/support/clock.ts'
import { aPretendProvider } from '../../test/support/people.ts'
import { aPeopleDoor } from '../../test/support/people-door.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import type { PretendIdentityProvider } from '../demo/pretend-identity-provider.ts'
import { freePort } from '../underneath/free-port.ts'
import { createKey } from './keys-store.ts'

const FORCE = 'police-derbyshire'
const roles = [`daymark:${FORCE}:auditor`, `daymark:${FORCE}:supervisor`]
const clock = aClock('2026-11-22T08:00:00Z')
let database: OpenDatabase
let provider: PretendIdentityProvider
let publicUrl: string
let door: Awaited<ReturnType<typeof aPeopleDoor>>

beforeAll(async () => {
  database = await anOpenDatabase()
  publicUrl = `http://127.0.0.1:${await freePort()}`
  provider = await aPretendProvider(publicUrl, [{ subject: 'rowan', name: 'Rowan Zedwing', roles }])
  await createKey(database.owner.kysely, FORCE, ['notifications:write'], clock.now())
  door = await aPeopleDoor(database, { now: clock.now, publicUrl, provider })
})
afterAll(async () => {
  await door.close()
  await database.close()
})

async function signedIn() {
  const browser = aBrowser()
  const seen = await browser.signIn(publicUrl, provider, 'rowan')
  expect(seen.status, JSON.stringify(seen.body)).toBe(200)
  return { browser, me: seen.body, status: async () => (await browser.get(`${publicUrl}/who`)).status }
}

test('half an hour without a call ends a session, and every call begins the half hour again', async () => {
  const { browser, me, status } = await signedIn()
  expect(me.expires.ifIdle).toBe(clock.now().add({ minutes: 30 }).toString())
  for (let times = 0; times < 3; times += 1) {
    clock.moveBy({ minutes: 29 })
    expect(await status()).toBe(200)
  }
  clock.moveBy({ minutes: 31 })
  expect(await status()).toBe(401)
  expect((await browser.get(`${publicUrl}/sign-in/me`)).status).toBe(401)
})

test('twelve hours end a session, whatever its person does', async () => {
  const { me, status } = await signedIn()
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    clock.moveBy({ minutes: 20 })
    expect(await status()).toBe(200)
  }
  expect(me.expires.atTheLatest).toBe(clock.now().add({ minutes: 20 }).toString())
  clock.moveBy({ minutes: 20 })
  expect(await status()).toBe(401)
})

test('a person has five sessions at most: the oldest ends when there would be more', async () => {
  const first = await signedIn()
  for (let times = 0; times < 4; times += 1) {
    clock.moveBy({ seconds: 1 })
    await signedIn()
  }
  expect(await first.status()).toBe(200)
  clock.moveBy({ seconds: 1 })
  const sixth = await signedIn()
  expect([await first.status(), await sixth.status()]).toEqual([401, 200])
})

test('a sign-in that takes longer than a quarter of an hour is begun again', async () => {
  const browser = aBrowser()
  const begun = await browser.get(`${publicUrl}/sign-in`)
  clock.moveBy({ minutes: 16 })
  let seen = begun
  while (seen.location !== null && !seen.location.startsWith(publicUrl)) {
    const { location } = seen
    seen = await browser.get(location.includes('/interaction/') && !location.includes('as=') ? `${location}?as=rowan` : location)
  }
  expect((await browser.get(seen.location ?? '')).body.type).toBe('urn:daymark:problem:sign-in-not-begun')
})

test('what stands in the database signs nobody in, and names nobody', async () => {
  const { browser, me } = await signedIn()
  const [cookie = ''] = browser.cookies(publicUrl).values()
  const rows = await database.owner.query<{ text: string }>(
    'select row_to_json(s)::text as text from person_session s limit 100',
    [],
  )
  const stored = rows.map(({ text }) => text).join('\n')
  expect(stored).toContain(me.session)
  for (const secret of [cookie, 'Zedwing', 'rowan', provider.issuer]) expect(stored).not.toContain(secret)
})

test('a session of another agency cannot be read or ended, in code or by Postgres', async () => {
  const { me, status } = await signedIn()
  const found = await asAgency(database.app, 'police-elsewhere', async (trx) => {
    await trx.updateTable('person_session').set({ ended_why: 'revoked', ended_by: 'x', ended_at: clock.now() }).execute()
    return trx.selectFrom('person_session').select('id').limit(10).execute()
  })
  expect([found, await status()]).toEqual([[], 200])
  expect(me.session).toMatch(/^ses_/)
})

test('made-up sessions are asked about twenty times a second and no more', async () => {
  clock.moveBy({ seconds: 2 })
  const statuses: number[] = []
  for (let times = 0; times < 22; times += 1) {
    const answer = await fetch(`${publicUrl}/who`, { headers: { cookie: `daymark-session=made-up-${times}` } })
    statuses.push(answer.status)
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(20)
  expect(statuses.slice(20)).toEqual([429, 429])
  clock.moveBy({ seconds: 2 })
})

test('over HTTPS the cookie is bound to this host, and no script reads it', async () => {
  const secure = await aPeopleDoor(database, {
    now: clock.now,
    publicUrl: `http://127.0.0.1:${await freePort()}`,
    provider,
    settings: { DAYMARK_PUBLIC_URL: 'https://daymark.example' },
  })
  const { address } = secure
  const begun = await fetch(`${address}/sign-in`, { redirect: 'manual' })
  await secure.close()
  expect(begun.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-daymark-signing-in=[\w-]+; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ])
})
