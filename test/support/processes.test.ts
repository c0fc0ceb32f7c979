import { expect, test } from 'vitest'
import { aDatabase } from './database.ts'
import { startServe } from './processes.ts'

test('the API runs as a process of its own, dies when it is killed and comes back at the same address', async () => {
  const { url, daymarkKeys } = await aDatabase()
  const api = await startServe({ DATABASE_URL: url, DAYMARK_KEYS: daymarkKeys })
  const first = api.pid()
  await api.kill9()
  await expect(fetch(`${api.url}/ping`)).rejects.toThrow('fetch failed')
  await api.restart()
  expect(api.pid()).not.toBe(first)
  expect((await fetch(`${api.url}/ping`)).status).toBe(200)
})

test('a process that cannot start says why', async () => {
  await expect(startServe({})).rejects.toThrow('DATABASE_URL')
})
