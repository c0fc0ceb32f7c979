import { beforeAll, describe, expect, test } from 'vitest'
import { chanceFrom } from '../month/chance.ts'
import { monthDirectory } from '../month/directory.ts'
import { moments } from '../month/month-clock.ts'
import { aForce, type Force } from '../month/police.ts'
import { aMovedService, type Caller, type MovedService } from '../month/service.ts'
import { type AtWork, aDesk, aTeam, keyAdults } from '../month/teams.ts'
import { aMailServer } from '../support/mail-server.ts'
import { aReceiver } from '../support/receiver.ts'

/**
 * A month of one force at Derbyshire's volume, on a moved clock: the clocks go forward, Easter closes the schools, a school's server is
 * down for two days, a team collects nothing over a weekend, no worker runs for three hours, every connection to Postgres is
 * cut, and the force leaves one notification behind.
 */
const FIRST = '2026-03-16T00:00:00Z'
const LAST = '2026-04-15T00:00:00Z'
/** Afterwards everybody goes on working until every deadline of the month has passed. */
const SETTLED = '2026-04-20T00:00:00Z'

const between = (from: string, to: string) => (at: Temporal.Instant) =>
  Temporal.Instant.compare(at, from) >= 0 && Temporal.Instant.compare(at, to) < 0
const serverDown = between('2026-03-24T00:00:00Z', '2026-03-26T06:00:00Z')
const teamAway = between('2026-03-20T12:00:00Z', '2026-03-23T08:00:00Z')
const workerGone = between('2026-03-31T21:00:00Z', '2026-04-01T00:00:00Z')
const CONNECTIONS_CUT = Temporal.Instant.from('2026-04-02T10:00:00Z')

let service: MovedService
let force: Force
let operator: Caller
let atWork: AtWork[]
const alarmsSeen = new Set<string>()
/** The alarms that stood when the month ended; afterwards the force is silent, and that is an alarm as it should be. */
let standing: string[] = []

beforeAll(async () => {
  const receiver = await aReceiver()
  const mail = await aMailServer()
  service = await aMovedService(FIRST, receiver.host, {
    SMTP_URL: mail.url,
    SMTP_CA_FILE: mail.caFile,
    MAIL_FROM: 'daymark@daymark.example',
    DAYMARK_PUBLIC_URL: 'https://daymark.example',
  })
  const { client } = service
  const directory = monthDirectory(receiver.url)
  operator = await client('operator', ['directory:write', 'audit:read', 'desk:decide'])
  const imported = await operator('POST', '/v1/directory/imports', directory.lines)
  expect(imported.status).toBe(200)
  const police = await client('police-derbyshire', [
    'notifications:write',
    'notifications:read',
    'registers:write',
    'desk:decide',
  ])
  await police('PUT', '/v1/registers/history', { completeFrom: '2024-01-01T00:00:00Z' })
  force = aForce(police, directory.urns, 20_260_316)
  // Each has a chance of their own, so that working side by side changes nobody's.
  let seed = 0
  const chance = () => {
    seed += 1
    return chanceFrom(seed)
  }
  const adults = new Map<string, Caller>()
  for (const urn of directory.urns) {
    adults.set(String(Number(urn) - 900_100), await client(`school-${urn}`, ['dispatches:collect']))
  }
  const teams: AtWork[] = []
  for (const queue of directory.queues) {
    const agency = queue === 'police-cp' ? 'police-derbyshire' : queue
    const away = queue === 'csc-E10000007' ? teamAway : () => false
    const shift = queue === 'edt' || queue === 'police-cp' ? 'any hour' : queue.startsWith('csc-') ? 'by day' : 'twice a day'
    teams.push(aTeam(await client(agency, ['dispatches:collect']), queue, { chance: chance(), shift, away }))
  }
  const sergeant = await client('police-derbyshire', ['desk:decide'])
  const desks = ['domestic_abuse_review', 'pitstop'].map((desk) => aDesk([police, sergeant], desk, chance()))
  const directoryDesk = aDesk([operator, await client('operator', ['desk:decide'])], 'directory', chance())
  atWork = [...teams, keyAdults(receiver, adults, chance()), ...desks, directoryDesk]

  let before = Temporal.Instant.from(FIRST).subtract({ hours: 1 })
  for (const at of moments(Temporal.Instant.from(FIRST), Temporal.Instant.from(SETTLED))) {
    service.clock.moveTo(at.toString())
    receiver.answerWith({ kind: 'status', status: serverDown(at) ? 503 : 200 })
    if (at.equals(CONNECTIONS_CUT)) await cutConnections()
    if (Temporal.Instant.compare(at, LAST) < 0) await force.report(before, at)
    if (!workerGone(at)) await service.work()
    await Promise.all(atWork.map((one) => one.turn(at)))
    if (Temporal.Instant.compare(at, LAST) < 0) standing = await lookAtAlarms()
    before = at
  }
}, 600_000)

async function cutConnections(): Promise<void> {
  await service.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'daymark_worker' and pid <> pg_backend_pid()`,
    [],
  )
}

async function lookAtAlarms(): Promise<string[]> {
  const found = await rows<{ kind: string }>('select kind from alarm where ended_at is null')
  for (const { kind } of found) alarmsSeen.add(kind)
  return found.map(({ kind }) => kind)
}

const rows = <Row extends object>(text: string) => service.owner.query<Row>(text, [])

describe('after a month', () => {
  test('everything the force sent is here, triaged once and in one state', async () => {
    const found = await rows<{ police_reference: string }>('select distinct police_reference from notification')
    expect(new Set(found.map((row) => row.police_reference))).toEqual(new Set(force.sent.keys()))
    expect(force.sent.size).toBeGreaterThan(2_200)
    const states = await rows<{ state: string }>('select distinct state from notification order by state')
    expect(states.map(({ state }) => state)).toEqual(['superseded', 'triaged', 'withdrawn'])
  })

  test('every dispatch is acknowledged, or taken back, or loudly overdue', async () => {
    const silent = await rows<{ id: string; state: string; due_by: unknown }>(
      `select id, state, due_by from dispatch where state not in ('acknowledged', 'withdrawn') and not overdue`,
    )
    expect(silent).toEqual([])
  })

  test('most of them in time', async () => {
    const [row] = await rows<{ all: number; late: number }>(
      `select count(*)::int as all, count(*) filter (where overdue)::int as late from dispatch where state <> 'withdrawn'`,
    )
    expect(row?.all).toBeGreaterThan(3_000)
    expect((row?.late ?? 0) / (row?.all ?? 1)).toBeLessThan(0.2)
  })

  test('every task is decided, or loudly overdue', async () => {
    const silent = await rows<{ id: string; desk: string; due_by: unknown }>(
      `select id, desk, due_by from task where state <> 'decided' and not overdue and due_by < '${SETTLED}'`,
    )
    expect(silent).toEqual([])
  })

  test('nothing is unexplained in the completeness report', async () => {
    const { body } = await operator('GET', `/v1/audit/completeness?from=${FIRST}&to=${SETTLED}`)
    expect(body.faults).toEqual([])
    expect(body.notifications).toBeGreaterThan(2_200)
  })

  test('the silent team and the notification that was left behind were alarms, and are over', async () => {
    expect([...alarmsSeen].sort()).toEqual(['manifest differs', 'no collection'])
    expect(standing).toEqual([])
    expect(force.counts).toMatchObject({ lateReferences: 1 })
    expect(force.counts.versions).toBeGreaterThan(20)
    expect(force.counts.withdrawals).toBeGreaterThan(5)
  })
})
