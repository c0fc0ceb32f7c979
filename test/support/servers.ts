import { startPostgres } from '../../src/underneath/embedded-postgres.ts'
import { findRedis, startRedis } from '../../src/underneath/private-redis.ts'
import { containerEngineAnswers, postgresContainer, redisContainer } from './containers.ts'

/** A server the tests use, where it came from in words for the terminal, and how to let it go. */
export type ServerForTests = { readonly url: string; readonly from: string; stop(): Promise<void> }

/** `DATABASE_URL`, else a container where an engine answers, else the PostgreSQL that came from npm. */
export async function findPostgres(): Promise<ServerForTests> {
  const named = process.env.DATABASE_URL
  if (named !== undefined && named !== '') return { url: named, from: 'DATABASE_URL', stop: async () => undefined }
  const container = (await containerEngineAnswers()) ? await postgresContainer() : null
  if (container !== null) return container
  const server = await startPostgres({ durable: false })
  return { url: server.url, from: 'embedded, from npm', stop: server.stop }
}

/** `REDIS_URL`, else a container, else one on the PATH, else one unpacked from the distribution's own packages, else none. */
export async function findRedisForTests(): Promise<ServerForTests | null> {
  const named = process.env.REDIS_URL
  if (named !== undefined && named !== '') return { url: named, from: 'REDIS_URL', stop: async () => undefined }
  const container = (await containerEngineAnswers()) ? await redisContainer() : null
  if (container !== null) return container
  const program = await findRedis({ mayDownload: true })
  if (program === null) return null
  const server = await startRedis(program, { appendOnly: false })
  return { url: server.url, from: program.from, stop: server.stop }
}
