import { randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { findPostgres, findRedisForTests, type ServerForTests } from './servers.ts'
import { makeTemplate, type Template } from './template-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's connection to the server every test database stands on. */
    postgresUrl: string
    templateDatabase: string
    /** DAYMARK_KEYS, under which the template's service keys are wrapped. */
    daymarkKeys: string
    /** Null where no Redis is to be had: its suites are then named as not run. */
    redisUrl: string | null
  }
}

let borrowed: readonly ServerForTests[] = []
let template: Template | null = null

/** Starts, once a run, the servers that the tests of the real parts share, and migrates the database they all clone. */
export async function setup(project: TestProject): Promise<void> {
  const [postgres, redis] = await Promise.all([findPostgres(), findRedisForTests()])
  borrowed = redis === null ? [postgres] : [postgres, redis]
  const daymarkKeys = `test:${randomBytes(32).toString('base64')}`
  template = await makeTemplate(postgres.url, daymarkKeys)
  project.provide('postgresUrl', postgres.url)
  project.provide('templateDatabase', template.name)
  project.provide('daymarkKeys', daymarkKeys)
  project.provide('redisUrl', redis?.url ?? null)
  say(`PostgreSQL: ${postgres.from}. Redis: ${redis?.from ?? 'none'}.`)
  if (redis === null) {
    // Set by .ci/run: a submission may not pass on half of the queues.
    if (process.env.DAYMARK_TEST_REDIS === 'required')
      throw new Error('The Redis suites must run, and there is no Redis to be had.')
    say('NOT RUN: the Redis suites. Install redis-server or valkey-server, or name one in REDIS_URL, and run again.')
  }
}

export async function teardown(): Promise<void> {
  await template?.drop()
  await Promise.all(borrowed.map((server) => server.stop()))
}

/** To the terminal itself: a test reporter shows no line that comes before the first test. */
function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
