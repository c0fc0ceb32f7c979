import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from './embedded-postgres.ts'
import { freePort, onFreePort } from './free-port.ts'
import { findRedis, startRedis } from './private-redis.ts'
import { EndedEarly, superviseProcess } from './supervised-process.ts'

const redis = await findRedis({ mayDownload: true })

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  // A killed server breaks the connection; the test asks anew.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function setAndGet(url: string, value: string | null): Promise<string | null> {
  const client = new Redis(url)
  try {
    if (value !== null) await client.set('kept', value)
    return await client.get('kept')
  } finally {
    await client.quit()
  }
}

describe('a PostgreSQL of our own', () => {
  test('two stand side by side, and a killed one comes back with every commit', async () => {
    const [one, other] = await Promise.all([startPostgres({ durable: false }), startPostgres({ durable: true })])
    onTestFinished(async () => void (await Promise.all([one.stop(), other.stop()])))
    expect(await ask(one.url, 'show fsync')).toEqual([{ fsync: 'off' }])
    expect(await ask(other.url, 'show fsync')).toEqual([{ fsync: 'on' }])
    await ask(one.url, "create table kept as select 'this' as what")
    await one.kill9()
    await expect(ask(one.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    await one.restart()
    expect(await ask(one.url, 'table kept')).toEqual([{ what: 'this' }])
  })

  test('leaves no folder behind when it stops, however often it is told to', async () => {
    const server = await startPostgres({ durable: false })
    const [row] = await ask(server.url, "select current_setting('data_directory') as folder")
    const folder = JSON.stringify(row).match(/"(\/.*)"/)?.[1] ?? ''
    expect(existsSync(folder)).toBe(true)
    await Promise.all([server.stop(), server.stop()])
    expect(existsSync(folder)).toBe(false)
    expect(server.pid()).toBe(0)
  })
})

describe.skipIf(redis === null)('a Redis of our own', () => {
  test('that writes everything down comes back whole when it is killed, another comes back empty', async () => {
    if (redis === null) return
    const [written, unwritten] = await Promise.all([
      startRedis(redis, { appendOnly: true }),
      startRedis(redis, { appendOnly: false }),
    ])
    onTestFinished(async () => void (await Promise.all([written.stop(), unwritten.stop()])))
    for (const server of [written, unwritten]) {
      await setAndGet(server.url, 'this')
      await server.kill9()
      expect(server.pid()).toBe(0)
      await server.restart()
    }
    expect(await setAndGet(written.url, null)).toBe('this')
    expect(await setAndGet(unwritten.url, null)).toBe(null)
  })

  test('throws nothing away when it is full, and answers nobody without its password', async () => {
    if (redis === null) return
    const server = await startRedis(redis, { appendOnly: false })
    onTestFinished(server.stop)
    const client = new Redis(server.url)
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    await client.quit()
    const stranger = new Redis({ port: server.port, host: '127.0.0.1', maxRetriesPerRequest: 0 })
    stranger.on('error', () => undefined)
    await expect(stranger.get('kept')).rejects.toThrow('NOAUTH')
    stranger.disconnect()
  })
})

describe('what runs underneath', () => {
  test('finds another port when the one it found was taken meanwhile', async () => {
    const thief = createServer()
    onTestFinished(() => void thief.close())
    const tried: number[] = []
    const port = await onFreePort(async (candidate) => {
      tried.push(candidate)
      if (tried.length > 1) return
      await new Promise<void>((resolve) => thief.listen(candidate, '127.0.0.1', resolve))
      throw new EndedEarly('a server', { code: 1, signal: null }, ['could not bind: Address already in use'])
    })
    expect(tried).toHaveLength(2)
    expect(port).toBe(tried[1])
    expect(await freePort()).toBeGreaterThan(1_023)
  })

  test('says what a program said when that ends before it serves', async () => {
    const supervised = superviseProcess(null, () => undefined)
    onTestFinished(supervised.stop)
    const command = { env: {}, cwd: '/', account: null, readyWhen: 'ready', stopSignal: 'SIGTERM' } as const
    const talkative = { ...command, program: '/bin/sh', args: ['-c', 'echo no such luck; exit 3'] }
    await expect(supervised.serve(talkative)).rejects.toThrow(/with code 3.*no such luck/s)
    await expect(supervised.serve({ ...command, program: '/no/such/program', args: [] })).rejects.toThrow('ENOENT')
  })
})
