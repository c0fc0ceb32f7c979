import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/connection.ts'
import { openDataKey, readKeyRing } from '../../src/database/sealing.ts'
import { openRecord, sealRecord, type TriageRecord } from '../../src/intake/record.ts'
import type { NotificationId } from '../../src/words/ids.ts'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

const AREA = 'derby-derbyshire'
const REPLAYS = `/v1/policies/${AREA}/replays`

let daymark: Daymark
let lead: TestClient
let id: NotificationId
let folder: string
let inForce: string

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  await loadDirectory(daymark)
  lead = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read', 'policy:read'])
  id = await told(lead, {})
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  inForce = await readFile(`policies/${AREA}/2025-10-24.yaml`, 'utf8')
})

afterAll(() => rm(folder, { recursive: true }))

/** Sends the example with some changes and waits until it is decided. */
async function told(police: TestClient, changes: Record<string, unknown>): Promise<NotificationId> {
  const { body } = await police.post('/v1/notifications', { ...(await exampleNotification()), ...changes })
  await triaged(police, body.id)
  return body.id
}

/** The pack in force with one rule more, and without those whose names a test takes out. */
function changedPack({ without = [], more = '' }: { without?: string[]; more?: string }): string {
  const [head = '', ...rules] = inForce.split(/^ {2}- rule: /m)
  const kept = rules.filter((rule) => !without.some((name) => rule.startsWith(`${name}\n`)))
  expect(kept.length).toBe(rules.length - without.length)
  return [`${head}${more}`, ...kept].join('  - rule: ')
}

const advocateForEveryone = `  - rule: advocate-told-of-every-notification
    says: The independent advocate hears of every notification in a new pilot.
    cites: { section: A pilot }
    about: the notification
    when: { risk graded: 'yes' }
    tell: [{ service: idva, kind: referral, within: 24 hours }]
    examples:
      fires: [{ risk graded: 'yes' }]
      does not fire: [{ risk graded: 'no' }]

`

/** Runs a command as an operator would, in a process of its own. */
async function command(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['src/main.ts', 'policy', ...args], {
    env: { ...process.env, ...daymark.settings, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ])
  return { code, out, err }
}

async function aFile(content: string): Promise<string> {
  const file = join(folder, 'pack.yaml')
  await writeFile(file, content)
  return file
}

describe('a replay', () => {
  test('of the pack in force tells nobody otherwise', async () => {
    const { status, body } = await lead.post(REPLAYS, { pack: inForce })
    expect(status).toBe(200)
    expect(body).toMatchObject({ notifications: 1, whole: true, changed: 0, differences: [], notRecorded: [] })
    expect(body.pack).toMatchObject({ area: AREA, inForceFrom: '2025-10-24' })
  })

  test('says who would now be told and who no longer', async () => {
    const pack = changedPack({ more: advocateForEveryone, without: ['health-told-of-a-child-under-five'] })
    const { status, body } = await lead.post(REPLAYS, { pack })
    expect(status).toBe(200)
    expect(body.changed).toBe(1)
    expect(body.differences).toMatchObject([
      { change: 'now told', service: 'idva', kind: 'referral', count: 1, examples: [{ notification: id, about: null }] },
      { change: 'no longer told', service: 'health', kind: 'notification', count: 1, examples: [{ about: 'c2' }] },
    ])
  })

  test('says the same at the command, as a table and as JSON', async () => {
    const file = await aFile(changedPack({ more: advocateForEveryone }))
    const table = await command('replay', '--pack', file)
    expect(table).toMatchObject({ code: 0, err: '' })
    expect(table.out).toContain('Over one notification as last decided, 1 (100.0 %)')
    expect(table.out).toMatch(/idva +referral +1 +· +· +· +·/)
    expect(table.out).toContain(id)
    const json = await command('replay', '--pack', file, '--json')
    expect(JSON.parse(json.out)).toMatchObject({ changed: 1, differences: [{ change: 'now told', service: 'idva' }] })
  })

  test('goes over what was reported in the days asked for, and decided under the procedure asked for', async () => {
    const file = await aFile(inForce)
    const replayed = async (...narrowed: string[]) =>
      JSON.parse((await command('replay', '--pack', file, '--json', ...narrowed)).out).notifications
    expect(await replayed('--from', '2026-10-14', '--to', '2026-10-14')).toBe(1)
    expect(await replayed('--from', '2026-10-15')).toBe(0)
    expect(await replayed('--to', '2026-10-13')).toBe(0)
    expect(await replayed('--area', AREA)).toBe(1)
    expect(await replayed('--area', 'elsewhere')).toBe(0)
  })

  test('reads a fact nobody recorded as unknown, and says of how many', async () => {
    await recordAgain((record) => {
      for (const { facts } of record.triages.at(-1)?.facts ?? []) {
        facts.splice(0, facts.length, ...facts.filter(({ fact }) => fact !== 'risk graded'))
      }
    })
    const { body } = await lead.post(REPLAYS, { pack: changedPack({ more: advocateForEveryone }) })
    expect(body.notRecorded).toEqual([{ fact: 'risk graded', notifications: 1 }])
    expect(body.differences).toEqual([])
  })

  test('never recomputes what was recorded', async () => {
    // What the record says was told stands, whatever today's rules would make of the facts.
    const before = await recordAgain((record) => {
      const rulings = record.triages.at(-1)?.outcome.rulings ?? []
      const marac = rulings.find(({ tell }) => tell.some(({ service }) => service === 'education_setting'))
      for (const tell of marac?.tell ?? []) tell.service = 'marac'
    })
    expect(before).toBe(true)
    const { body } = await lead.post(REPLAYS, { pack: inForce })
    expect(body.differences).toEqual([])
    const explained = JSON.parse((await command('explain', id, '--json')).out)
    expect(JSON.stringify(explained.rulings)).toContain('"service":"marac"')
  })

  test('is over a force’s own notifications alone', async () => {
    const other = await daymark.client('police-elsewhere', ['policy:read'])
    expect((await other.post(REPLAYS, { pack: inForce })).body).toMatchObject({ notifications: 0, differences: [] })
    const operator = await daymark.client('operator', ['policy:read'])
    expect((await operator.post(REPLAYS, { pack: inForce })).body.notifications).toBe(0)
  })

  test('is refused without the scope, with every fault of the pack, and for another area', async () => {
    const police = await daymark.client('police-derbyshire', ['notifications:read'])
    expect((await police.post(REPLAYS, { pack: inForce })).status).toBe(403)
    const faulty = await lead.post(REPLAYS, { pack: inForce.replaceAll('in the household', 'in the houshold') })
    expect(faulty.status).toBe(400)
    expect(faulty.body.type).toBe('urn:daymark:problem:pack-has-faults')
    expect(faulty.body.errors.length).toBeGreaterThan(3)
    expect(faulty.body.errors[0].detail).toMatch(/^line \d+, rules.*did you mean “in the household”/)
    const elsewhere = await lead.post('/v1/policies/zedshire/replays', { pack: inForce })
    expect(elsewhere).toMatchObject({ status: 400, body: { errors: [{ pointer: '/pack', code: 'other-area' }] } })
  })

  test('is one at a time', async () => {
    const answers = await Promise.all([lead.post(REPLAYS, { pack: inForce }), lead.post(REPLAYS, { pack: inForce })])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429])
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('5')
  })
})

describe('an explanation', () => {
  test('of a file says which rules fired, which did not and why, by ref and never by name', async () => {
    const { code, out } = await command('explain', 'test/examples/notification.json')
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}Fired \(\d+\)/m)
    expect(out).toMatch(/^ {2}Did not fire \(\d+\)/m)
    expect(out).toMatch(/✗ {2}injured +no +wants yes/)
    const { people } = await exampleNotification()
    for (const { givenNames, familyName } of people) {
      for (const name of [givenNames, familyName].filter(Boolean)) expect(out).not.toContain(name)
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  test('of a file with faults names each, and is no success', async () => {
    const file = join(folder, 'notification.json')
    await writeFile(file, JSON.stringify({ ...(await exampleNotification()), people: [] }))
    const { code, out } = await command('explain', file)
    expect(code).toBe(1)
    expect(out).toContain('/people')
  })

  test('of what is not there says so', async () => {
    expect(await command('explain', 'ntf_nobody')).toMatchObject({ code: 1, out: 'There is no notification ntf_nobody.\n' })
  })
})

describe('a check', () => {
  test('of every pack finds no fault', async () => {
    expect(await command('check')).toMatchObject({ code: 0, out: expect.stringContaining('no fault') })
  })

  test('names every fault by its line, and is no success', async () => {
    const file = await aFile(inForce.replace('in force from: 2025-10-24', 'in force from: soon'))
    const { code, out } = await command('check', file)
    expect(code).toBe(1)
    expect(out).toMatch(/pack\.yaml:\d+ {2}in force from\n {2}Write a date as 2025-10-24\n\nOne fault\./)
    expect(JSON.parse((await command('check', file, '--json')).out).faults).toHaveLength(1)
  })
})

/** Writes the record anew, as another version of this service might have left it. */
async function recordAgain(change: (record: TriageRecord) => void): Promise<boolean> {
  const database = openDatabase(daymark.databaseUrl, null, 1)
  try {
    const { kysely } = database
    const stored = await kysely
      .selectFrom('notification')
      .innerJoin('data_key', 'data_key.notification_id', 'notification.id')
      .select(['record', 'wrapped', 'wrapped_by'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const key = openDataKey(readKeyRing(daymark.settings.DAYMARK_KEYS ?? ''), id, {
      wrapped: stored.wrapped,
      wrappedBy: stored.wrapped_by,
    })
    const record = openRecord(key, id, stored.record)
    change(record)
    await kysely
      .updateTable('notification')
      .set({ record: sealRecord(key, id, record) })
      .where('id', '=', id)
      .execute()
    return record.triages.length > 0
  } finally {
    await database.close()
  }
}
