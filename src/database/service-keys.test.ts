import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatabase, type DatabaseForTests } from '../../test/support/database.ts'
import { type Database, openDatabase } from './connection.ts'
import { readKeyRing } from './sealing.ts'
import { openServiceKeys } from './service-keys.ts'

let migrated: DatabaseForTests
let app: Database
const another = `later:${randomBytes(32).toString('base64')}`

beforeAll(async () => {
  migrated = await aDatabase()
  app = openDatabase(migrated.url, 'daymark_app', 1)
})
afterAll(() => app.close())

const open = (daymarkKeys: string) => openServiceKeys(app.kysely, readKeyRing(daymarkKeys))

test('the same keys open to the same secrets, every time', async () => {
  expect((await open(migrated.daymarkKeys)).body).toEqual((await open(migrated.daymarkKeys)).body)
})

test('a start without a key that sealed here before is refused, and names it', async () => {
  await open(`${another},${migrated.daymarkKeys}`)
  await expect(open(migrated.daymarkKeys)).rejects.toThrow('DAYMARK_KEYS lacks later')
})

test('a start with nothing but a wrong key is refused, and leaves nothing that makes the right one fail', async () => {
  const fresh = await aDatabase()
  const other = openDatabase(fresh.url, 'daymark_app', 1)
  await expect(openServiceKeys(other.kysely, readKeyRing(`wrong:${randomBytes(32).toString('base64')}`))).rejects.toThrow()
  await openServiceKeys(other.kysely, readKeyRing(fresh.daymarkKeys))
  await other.close()
})

test('a key with the right name and other bytes opens nothing', async () => {
  const [id = ''] = migrated.daymarkKeys.split(':')
  await expect(open(`${another},${id}:${randomBytes(32).toString('base64')}`)).rejects.toThrow()
})

test('a malformed DAYMARK_KEYS is named entry by entry, and no key is shown', () => {
  const secret = randomBytes(31).toString('base64')
  expect(() =>
    readKeyRing(`a:${secret},nothing,b:${randomBytes(32).toString('base64')},b:${randomBytes(32).toString('base64')}`),
  ).toThrow('key "a" holds 31 bytes, not 32; entry 2 is not id:base64; key id "b" stands twice')
})
