import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import pg from 'pg'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { waitFor } from '../../test/support/wait-for.ts'
import { perform } from './demo.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PLAYED_WITHIN_MS = 60_000
const STARTED_WITHIN_MS = 30_000

/** A demo as a person starts it, with a temporary folder of its own, so that all it leaves can be seen. */
interface Played {
  child: ChildProcess
  said: () => string
  folder: string
}

/** Makes Node find none of these packages, as where production left development dependencies out. */
function withoutPackages(...names: readonly string[]): string[] {
  const hook = `import { registerHooks } from 'node:module'
    const absent = ${JSON.stringify(names)}
    registerHooks({ resolve: (name, context, next) => {
      if (absent.includes(name)) throw Object.assign(new Error('Cannot find ' + name), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(name, context)
    } })`
  return ['--import', `data:text/javascript,${encodeURIComponent(hook)}`]
}

async function startDemo(options: readonly string[], node: readonly string[] = []): Promise<Played> {
  // Not in the system's temporary folder: a root caller's server runs as another account, which must be able to go there.
  const folder = await mkdtemp('/tmp/daymark-demo-test-')
  await chmod(folder, 0o711)
  const child = spawn(process.execPath, [...node, join(ROOT, 'src/main.ts'), 'demo', ...options], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TMPDIR: folder, FORCE_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })
  return { child, said: () => stripVTControlCharacters(output), folder }
}

async function exitCode({ child }: Played): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  return child.exitCode
}

/** Every port of this machine that the output names. */
const portsIn = (text: string) => [
  ...new Set([...text.matchAll(/(?:127\.0\.0\.1:|on port )(\d+)/g)].map(([, port]) => Number(port))),
]

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Refused: nobody listens there.
    return false
  } finally {
    socket.destroy()
  }
}

async function expectNothingLeft({ said, folder }: Played): Promise<void> {
  const ports = portsIn(said())
  expect(ports.length).toBeGreaterThan(0)
  await waitFor('its servers have ended', async () => !(await Promise.all(ports.map(answers))).includes(true))
  await waitFor('its folders are gone', async () => (await readdir(folder)).length === 0)
}

/** What each does while one watches. */
const everybody: readonly [string, string][] = [
  ['Rowan Castellane', 'signs in by OpenID Connect, as reviewer'],
  ['Rowan Castellane', 'claims, reads and decides DC-2026-0451187:\\n +refer to MARAC'],
  ['Olwen Brackenbury', 'claims, reads and decides DC-2026-0451175:\\n +notify the school that was found'],
  ['Initial Response Team', 'collects and acknowledges: referral, the whole notification;\\n +says what came of it'],
  ['Health \\(Derby\\)', 'collects and acknowledges: notification, one patient alone;\\n +says what came of it'],
  ['Larkspur Primary', 'hears of Merrin Quillfeather'],
  ['Saltmarsh Primary', 'has a mail, sent encrypted'],
  ['Saltmarsh Primary', 'Yarrow Fennimore, key adult, opens its link in a browser\\n +and reads of Odette Thornapple'],
  ['Saltmarsh Primary', 'Yarrow Fennimore, key adult, presses'],
  ['The police', 'hear what came of DC-2026-0451187; signature holds'],
  ['The police', 'put the day’s manifest: 4 sent, nothing is missing'],
]

/** What is on record of it, as the auditor reads it. */
const onTheTimeline = [
  'Decided at the domestic abuse review desk: no further action',
  'What came of it at Initial Response Team: assessment started',
  'Link in the mail opened, by one browser and no other',
  'agrees: the force sent 4, and 4 came',
  'none: people settled every one',
]

describe('the demo', () => {
  test(
    'plays through, fits a terminal of 100 columns, ends with 0 and leaves nothing running',
    async () => {
      const played = await startDemo(['--once'])
      expect(await exitCode(played), played.said()).toBe(0)
      const text = played.said()
      expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
      expect(text).not.toMatch(/^\s+at .+:\d+:\d+/m)
      expect(text).toContain('Everything due was delivered or collected in time')
      expect(text).toMatch(/Foxglove Academy answered 500 at attempt 1; next at/)
      for (const [who, what] of everybody) expect(text).toMatch(new RegExp(`${who} +✓  ${what}`))
      for (const sentence of onTheTimeline) expect(text).toContain(sentence)
      await expectNothingLeft(played)
    },
    PLAYED_WITHIN_MS,
  )

  test(
    'without a mail server and an identity provider says so, and goes on with webhooks and keys',
    async () => {
      const played = await startDemo(['--once'], withoutPackages('smtp-server', 'oidc-provider'))
      expect(await exitCode(played), played.said()).toBe(0)
      const text = played.said()
      expect(text).toContain('smtp-server is not installed')
      expect(text).toContain('oidc-provider is not installed')
      expect(text).toMatch(/Saltmarsh Primary +✓ {2}hears of Odette/)
      expect(text).toMatch(/Rowan Castellane +✓ {2}claims, reads and decides/)
      expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
    },
    PLAYED_WITHIN_MS,
  )

  test(
    'stops all it started when it is interrupted, and when it is killed',
    async () => {
      const interrupted = await startDemo([])
      const killed = await startDemo([])
      await waitFor('one has begun', () => interrupted.said().includes('What happens'), STARTED_WITHIN_MS)
      interrupted.child.kill('SIGINT')
      expect(await exitCode(interrupted)).toBe(130)
      expect(interrupted.said()).toContain('Everything has stopped')
      expect(interrupted.said()).not.toMatch(/^\s+at .+:\d+:\d+/m)
      await expectNothingLeft(interrupted)
      await waitFor('the other has begun', () => killed.said().includes('What happens'), STARTED_WITHIN_MS)
      killed.child.kill('SIGKILL')
      await expectNothingLeft(killed)
    },
    PLAYED_WITHIN_MS,
  )

  test(
    'ends with 1 and names the school when a school stays down, and takes only its own of the servers it is lent',
    async () => {
      let said = ''
      const output = new Writable({
        write: (chunk, _encoding, done) => {
          said += String(chunk)
          done()
        },
      })
      const redisUrl = inject('redisUrl')
      const environment = { DATABASE_URL: inject('postgresUrl'), ...(redisUrl ? { REDIS_URL: redisUrl } : {}) }
      const before = await databases()
      const code = await perform({
        once: true,
        environment,
        wall: () => Temporal.Now.instant(),
        output,
        pretend: { callsDown: (id) => (id === 'school-900102' ? Number.POSITIVE_INFINITY : 0), patienceMs: 8_000 },
      })
      expect(code).toBe(1)
      expect(said).toMatch(/✗ DC-2026-0451162: the alert to Foxglove Academy was not delivered or collected/)
      expect(said).not.toMatch(/✗ .*Larkspur/)
      expect(said.split('\n').filter((line) => line.length > 100)).toEqual([])
      expect(said).toMatch(redisUrl ? /Redis, from REDIS_URL, in its empty database \d+/ : /BullMQ on PostgreSQL/)
      expect(await databases()).toEqual(before)
    },
    PLAYED_WITHIN_MS,
  )

  test('a setting that cannot be used is named in one sentence', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done() })
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    const pretend = { callsDown: () => 0, patienceMs: 1_000 }
    const attempt = perform({ once: true, environment, wall: () => Temporal.Now.instant(), output, pretend })
    await expect(attempt).rejects.toThrow(/^DATABASE_URL cannot be used for the demo: /)
  })
})

/** The demo's own databases on the tests' server. */
async function databases(): Promise<string[]> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datname like 'daymark_demo_%'",
    )
    return rows.map(({ datname }) => datname).sort()
  } finally {
    await client.end()
  }
}
