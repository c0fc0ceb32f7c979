import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../src/underneath/embedded-postgres.ts'
import { findRedis, startRedis } from '../src/underneath/private-redis.ts'

/** The servers that the limits and the product share, and what is to be said about the machine. */
export interface Machine {
  /** A database of its own on the one Postgres; `template` null makes an empty one. */
  newDatabase: (template: string | null) => Promise<{ name: string; url: string; drop: () => Promise<void> }>
  redisUrl: string
  /** Makes the next measurement start without what the last one left to be written. */
  settle: () => Promise<void>
  about: string[]
  stop: () => Promise<void>
}

const SYNCS = 400
const BLOCK_BYTES = 8192

/** Starts a durable Postgres (fsync on) and a Redis, or uses the Redis that REDIS_URL names. */
export async function startMachine(): Promise<Machine> {
  const redis = await redisOf(process.env.REDIS_URL)
  const postgres = await startPostgres({ durable: true })
  const keeper = new pg.Client({ connectionString: postgres.url, application_name: 'daymark bench' })
  await keeper.connect()
  const { rows } = await keeper.query(
    "select current_setting('data_directory') as folder, current_setting('server_version') as version",
  )
  const [{ folder, version }] = rows
  const processor = cpus()[0]?.model ?? 'an unknown processor'
  let made = 0
  return {
    newDatabase: async (template) => {
      made += 1
      const name = `bench_${made}`
      await keeper.query(`create database ${name} ${template === null ? '' : `template ${template}`}`)
      const url = new URL(postgres.url)
      url.pathname = `/${name}`
      return { name, url: url.href, drop: async () => void (await keeper.query(`drop database ${name} with (force)`)) }
    },
    redisUrl: redis.url,
    settle: async () => void (await keeper.query('checkpoint')),
    about: [
      `${availableParallelism()} processors (${processor}), Node ${process.version}, PostgreSQL ${version} (fsync on), Redis ${redis.from}`,
      `a write of 8 kB and its fdatasync take ${syncMicroseconds(dirname(folder)).toFixed(0)} µs in the data folder (median of ${SYNCS})`,
    ],
    stop: async () => {
      await keeper.end()
      await Promise.all([postgres.stop(), redis.stop()])
    },
  }
}

/** How busy the machine is, ourselves included. */
export const loadAverage = () => loadavg()[0]?.toFixed(2) ?? 'unknown'

async function redisOf(named: string | undefined): Promise<{ url: string; from: string; stop: () => Promise<void> }> {
  if (named) return { url: named, from: 'from REDIS_URL', stop: async () => {} }
  const program = await findRedis({ mayDownload: true })
  if (program === null) throw new Error('There is no Redis: install redis-server or valkey-server, or name one in REDIS_URL')
  const redis = await startRedis(program, { appendOnly: false })
  return { url: redis.url, from: program.from, stop: redis.stop }
}

/** As pg_test_fsync does: the same block again and again, and the disk waited for each time. */
function syncMicroseconds(folder: string): number {
  const path = join(folder, 'bench-sync')
  const file = openSync(path, 'w')
  const block = Buffer.alloc(BLOCK_BYTES, 1)
  const times = Array.from({ length: SYNCS }, () => {
    const startedAt = performance.now()
    writeSync(file, block, 0, BLOCK_BYTES, 0)
    fdatasyncSync(file)
    return (performance.now() - startedAt) * 1000
  })
  closeSync(file)
  rmSync(path)
  return times.sort((one, other) => one - other)[SYNCS / 2] ?? 0
}
