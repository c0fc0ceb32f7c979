import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { aDatabase } from './database.ts'

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

describe('a database for a test file', () => {
  test('is migrated and holds the keys of this run', async () => {
    const { url } = await aDatabase()
    expect(await ask(url, 'select count(*) > 0 as made from service_key')).toEqual([{ made: true }])
  })

  test('is cloned many times at once and shares nothing', async () => {
    const databases = await Promise.all([aDatabase(), aDatabase(), aDatabase(), aDatabase()])
    expect(new Set(databases.map(({ url }) => url)).size).toBe(4)
    await ask(databases[0].url, 'create table only_here ()')
    await expect(ask(databases[1].url, 'table only_here')).rejects.toThrow('does not exist')
  })

  test('stands on a server that loses no commit when it is killed', async () => {
    expect(await ask(inject('postgresUrl'), 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }])
  })
})
