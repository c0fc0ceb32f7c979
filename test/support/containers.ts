import { randomBytes } from 'node:crypto'
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import type { ServerForTests } from './servers.ts'

let answers: Promise<boolean> | null = null

/** Whether a container engine can be asked for anything; asked once. */
export function containerEngineAnswers(): Promise<boolean> {
  answers ??= getContainerRuntimeClient().then(
    () => true,
    // No engine is an ordinary machine, not a fault.
    () => false,
  )
  return answers
}

export function postgresContainer(): Promise<ServerForTests | null> {
  const password = randomBytes(18).toString('hex')
  const container = new GenericContainer('postgres:18-alpine')
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'])
    .withExposedPorts(5432)
    // The first "ready" is that of the image's own set-up.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
  return started(container, 5432, (host) => `postgres://postgres:${password}@${host}/postgres`)
}

export function redisContainer(): Promise<ServerForTests | null> {
  const password = randomBytes(18).toString('hex')
  const container = new GenericContainer('redis:8-alpine')
    .withCommand(['redis-server', '--requirepass', password, '--maxmemory-policy', 'noeviction', '--save', ''])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
  return started(container, 6379, (host) => `redis://:${password}@${host}`)
}

/** Null when the engine answers but cannot get the image, behind a closed network for instance: there are other ways. */
async function started(container: GenericContainer, port: number, url: (host: string) => string): Promise<ServerForTests | null> {
  try {
    const running = await container.start()
    const host = `${running.getHost()}:${running.getMappedPort(port)}`
    return { url: url(host), from: 'a container', stop: async () => void (await running.stop()) }
  } catch (error) {
    process.stdout.write(`No container: ${error instanceof Error ? error.message : String(error)}\n`)
    return null
  }
}
