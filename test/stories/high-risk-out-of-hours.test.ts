import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { aQueue } from '../support/recipient-bodies.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

const EVENING = '2026-10-14T22:30:00Z'

let police: TestClient
let operator: TestClient
let dutyTeam: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: EVENING })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  dutyTeam = await daymark.client('edt-derby', ['dispatches:collect'])
  const team = { agency: 'edt-derby', name: 'Nightingale Duty Team', authorities: [] }
  expect((await operator.put('/v1/directory/recipients/edt-derby', aQueue(team))).status).toBe(201)
})

const office = { wednesday: [['09:00', '17:00']], thursday: [['09:00', '17:00']] }

async function sent(reference: string, socialCare: Record<string, unknown>) {
  const put = await operator.put('/v1/directory/recipients/csc-E06000015', aQueue({ hours: office, ...socialCare }))
  expect(put.status).toBe(200)
  const body = { ...(await exampleNotification()), policeReference: reference }
  return triaged(police, (await police.post('/v1/notifications', body)).body.id)
}

const socialCareOf = (decided: { dispatches: { service: string; recipient: { id: string } }[] }) =>
  decided.dispatches.filter(({ service }) => service === 'childrens_social_care').map(({ recipient }) => recipient.id)

test('a high risk at night is collected by the emergency duty team, and stays in the day team’s queue', async () => {
  const decided = await sent('ooh-1', { outOfHours: { recipientId: 'edt-derby' } })
  expect(socialCareOf(decided).sort()).toEqual(['csc-E06000015', 'edt-derby'])
  const { body } = await dutyTeam.post('/v1/queues/edt-derby/collect', { max: 10, leaseSeconds: 60 })
  expect(body.dispatches).toHaveLength(1)
  expect(body.dispatches[0]).toMatchObject({ service: 'childrens_social_care', victimRisk: 'high' })
  const report = await operator.get('/v1/audit/completeness')
  expect(report.body.faults).toEqual([])
})

test('where a team has only a telephone out of hours, the directory desk is asked within the hour to ring it', async () => {
  const decided = await sent('ooh-2', { outOfHours: { phone: '01632 960113' } })
  expect(socialCareOf(decided)).toEqual(['csc-E06000015'])
  const ring = decided.tasks.find(({ desk }: { desk: string }) => desk === 'directory')
  expect(ring.question).toContain('Ring 01632 960113 now')
  expect(Temporal.Instant.compare(ring.dueBy, Temporal.Instant.from(EVENING).add({ hours: 1, minutes: 1 }))).toBe(-1)
})
