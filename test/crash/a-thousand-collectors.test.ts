import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createKey } from '../../src/access/keys-store.ts'
import { superviseProcess } from '../../src/underneath/supervised-process.ts'
import { aDatabase } from '../support/database.ts'
import { aDeliveryRigOn } from '../support/delivery-rig.ts'
import { startServe, startWorker } from '../support/processes.ts'
import type { Given } from './collectors.ts'

const QUEUE = 'csc-thousand'
const PROCESSES = 4
const COLLECTORS_EACH = 250
const NOTIFICATIONS = 24
const DISPATCHES_EACH = 50
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('a thousand collectors of one queue, in four processes against two APIs: no dispatch to two at one time, and none lost', {
  timeout: 240_000,
}, async () => {
  const { url: databaseUrl, daymarkKeys } = await aDatabase()
  const rig = await aDeliveryRigOn({ url: databaseUrl, daymarkKeys })
  const at = Temporal.Now.instant().round('millisecond')
  await rig.addRecipient({ id: QUEUE, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, at)
  const stored: string[] = []
  for (let number = 0; number < NOTIFICATIONS; number += 1) {
    const planned = {
      recipientId: QUEUE,
      service: 'childrens_social_care',
      kind: 'notification',
      dueBy: at.add({ hours: 24 }),
    } as const
    // Many share one notification, and so one chain of events: whoever collects them waits for one another there.
    const dispatches = Array.from({ length: DISPATCHES_EACH }, (_, index) => ({ ...planned, about: [`c${index}`] }))
    stored.push(...(await rig.store(dispatches, { at, victimRisk: number % 2 === 0 ? 'high' : 'standard' })).ids)
  }
  const { key } = await rig.asOwner((db) => createKey(db, QUEUE, ['dispatches:collect'], at))
  const settings = {
    DATABASE_URL: databaseUrl,
    DAYMARK_KEYS: daymarkKeys,
    LOG_LEVEL: 'info',
    DAYMARK_REQUESTS_PER_SECOND: '100000',
  }
  const apis = await Promise.all([startServe(settings), startServe(settings), startWorker(settings)])
  const urls = apis.slice(0, 2).map(({ url }) => url)

  const given = (await Promise.all(Array.from({ length: PROCESSES }, (_, index) => collectIn(index, { urls, key })))).flat()

  expect(new Set(given.map(({ token }) => token)).size).toBe(given.length)
  expect(new Set(given.map(({ dispatch }) => dispatch))).toEqual(new Set(stored))
  expect(given.some(({ acknowledged }) => acknowledged === 409)).toBe(true)
  expect(given.some(({ acknowledged }) => acknowledged === null)).toBe(true)
  const rows = await rig.worker.query<{ state: string; number: number }>(
    'select state, count(*)::int as number from dispatch group by state',
    [],
  )
  expect(rows).toEqual([{ state: 'acknowledged', number: stored.length }])
  expect(await overlapping(rig)).toEqual([])
  const numbers = await rig.worker.query<{ sequence: number }>('select sequence from dispatch order by sequence', [])
  expect(numbers.map(({ sequence }) => sequence)).toEqual(stored.map((_, index) => index + 1))
})

/** One process of collectors, to its end. */
async function collectIn(index: number, { urls, key }: { urls: readonly string[]; key: string }): Promise<Given[]> {
  let said: string | null = null
  const collectors = superviseProcess(null, (line) => {
    if (line.startsWith('GIVEN ')) said = line.slice('GIVEN '.length)
  })
  try {
    await collectors.finish({
      program: process.execPath,
      args: ['--no-warnings', 'test/crash/collectors.ts'],
      env: {
        PATH: process.env.PATH ?? '',
        URLS: urls.join(','),
        KEY: key,
        QUEUE,
        COLLECTORS: String(COLLECTORS_EACH),
        FIRST: String(index * COLLECTORS_EACH),
      },
      cwd: ROOT,
      account: null,
      readyWhen: null,
      stopSignal: 'SIGTERM',
    })
  } finally {
    await collectors.stop()
  }
  return JSON.parse(said ?? 'null')
}

/** A collect takes its time when it begins, and may be given what was put back while it ran. */
const BEGAN_BEFORE_MS = 2_000

/** From the record: dispatches that were given to somebody before another's lease had ended, or acknowledged more than once. */
async function overlapping(rig: Awaited<ReturnType<typeof aDeliveryRigOn>>): Promise<string[]> {
  const events = await rig.worker.query<{ dispatch: string; kind: string; at: Temporal.Instant; body: string }>(
    `select dispatch, kind, at, body from audit_event
     where kind in ('dispatch collected', 'lease expired', 'dispatch acknowledged') order by stream, seq`,
    [],
  )
  return [...Map.groupBy(events, ({ dispatch }) => dispatch)].flatMap(([dispatch, all]) => {
    let heldUntil: Temporal.Instant | null = null
    const faults: string[] = []
    for (const { kind, at, body } of all) {
      if (kind === 'lease expired') heldUntil = null
      if (kind !== 'dispatch collected') continue
      if (heldUntil !== null) faults.push(`collected at ${at} while another had it`)
      heldUntil = Temporal.Instant.from(JSON.parse(body).detail.leasedUntil)
    }
    const leases = all.filter(({ kind }) => kind === 'dispatch collected')
    for (const [index, { at }] of leases.slice(1).entries()) {
      const until = Temporal.Instant.from(JSON.parse(leases[index]?.body ?? '').detail.leasedUntil)
      if (until.epochMilliseconds - at.epochMilliseconds > BEGAN_BEFORE_MS)
        faults.push(`collected at ${at}, leased until ${until}`)
    }
    const acknowledged = all.filter(({ kind }) => kind === 'dispatch acknowledged').length
    if (acknowledged !== 1) faults.push(`acknowledged ${acknowledged} times`)
    return faults.map((fault) => `${dispatch}: ${fault}`)
  })
}
