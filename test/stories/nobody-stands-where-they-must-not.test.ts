import { Redis } from 'ioredis'
import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { aDaymark, type Daymark } from '../support/daymark.ts'
import { startServe, startWorker } from '../support/processes.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { aReceiver } from '../support/receiver.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Everything in the example that says who, where or what happened. References and ids may stand anywhere. */
const personal = [
  'Tamsin',
  'Quillfeather',
  'Corin',
  'Vance',
  'Merrin',
  'Jory',
  '1994-02-11',
  '1991-07-30',
  '2017-05-04',
  '2025-12-19',
  'DE1 9ZZ',
  '100099999901',
  '01632 960123',
  'red mark',
  'bedroom',
  'NOM-778812',
  'Penhaligon',
]

const found = (text: string) => personal.filter((canary) => text.includes(canary))

const redisUrl = queueBackends.find(({ name }) => name === 'Redis')?.redisUrl ?? null

describe('with real processes that log all they can', () => {
  let daymark: Daymark
  let logs: () => string

  beforeAll(async () => {
    const school = await aReceiver()
    // The first only lends its database, directory and keys; the processes below do the work and the logging.
    daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', redisUrl, webhookAllow: school.host, worker: false })
    const operator = await loadDirectory(daymark)
    const recipient = { service: 'education_setting', name: 'Larkspur Primary', urn: '900101', agency: 'school-900101' }
    await operator.put('/v1/directory/recipients/school-900101', { ...recipient, channel: { kind: 'webhook', url: school.url } })
    // The processes find ports of their own.
    const { PORT: _, ...settings } = daymark.settings
    const processSettings = { ...settings, LOG_LEVEL: 'debug' }
    const serving = await startServe(processSettings)
    const working = await startWorker(processSettings)
    logs = () => [...serving.log, ...working.log].join('\n')
    const police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
    const body = await exampleNotification()
    const sent = await fetch(`${serving.url}/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${police.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const receipt: { id: string } = JSON.parse(await sent.text())
    await triaged(police, receipt.id)
    await waitFor('the school is told', () => school.received.length > 0)
    const faulty = { ...body, policeReference: 'faulty', people: [{ ...body.people[0], familyNam: 'Quillfeather' }] }
    const refused = await fetch(`${serving.url}/v1/notifications?family=Quillfeather`, {
      method: 'POST',
      headers: { authorization: `Bearer ${police.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(faulty),
    })
    expect(found(await refused.text())).toEqual([])
    await waitFor('both answers are logged', () => logs().split('"status":202').length > 1 && logs().includes('"status":400'))
  })

  test('nobody stands in a log', () => {
    expect(logs()).toContain('/v1/notifications')
    expect(found(logs())).toEqual([])
  })

  test('nobody stands in Postgres in the clear', async () => {
    const client = new pg.Client({ connectionString: daymark.databaseUrl })
    await client.connect()
    const { rows: tables } = await client.query<{ name: string }>(
      `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
    )
    for (const { name } of tables) {
      const { rows } = await client.query(`select t::text as text from ${name} t limit 10000`)
      expect(found(rows.map(({ text }) => text).join('\n')), name).toEqual([])
      const { rows: hex } = await client.query(
        `select encode(convert_to(t::text, 'utf8'), 'hex') as text from ${name} t limit 10000`,
      )
      const asHex = personal.filter((canary) =>
        hex.some(({ text }) => text.includes(Buffer.from(Buffer.from(canary).toString('hex')).toString('hex'))),
      )
      expect(asHex, `${name}, as hex in a bytea`).toEqual([])
    }
    await client.end()
  })

  test('nobody stands in an audit event, a metric or the health page', async () => {
    const operator = await daymark.client('operator', ['audit:read'])
    const { body } = await operator.get('/v1/audit/events?limit=200')
    expect(body.events.length).toBeGreaterThan(5)
    expect(found(JSON.stringify(body))).toEqual([])
    for (const path of ['/metrics', '/health', '/info'])
      expect(found(await (await fetch(`${daymark.url}${path}`)).text()), path).toEqual([])
  })

  test.runIf(redisUrl)('Redis holds ids alone', async () => {
    const redis = new Redis(redisUrl ?? '')
    const told: string[] = []
    for (const key of await redis.keys('*')) {
      const kind = await redis.type(key)
      const held =
        kind === 'hash'
          ? await redis.hgetall(key)
          : kind === 'stream'
            ? await redis.xrange(key, '-', '+')
            : kind === 'string'
              ? await redis.get(key)
              : ''
      told.push(key, JSON.stringify(held))
    }
    redis.disconnect()
    expect(told.length).toBeGreaterThan(0)
    expect(found(told.join('\n'))).toEqual([])
  })
})
