import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

let daymark: Daymark
let auditor: TestClient

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  auditor = await loadDirectory(daymark)
  const police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  for (const reference of ['a-1', 'a-2', 'a-3']) {
    const { body } = await police.post('/v1/notifications', { ...(await exampleNotification()), policeReference: reference })
    await triaged(police, body.id)
  }
})

interface Row {
  service: string
  recipient: { id: string }
}
const services = (body: { deliveries: Row[] }) => body.deliveries.map(({ service }) => service)

test('the deliveries are told page by page, each once', async () => {
  const all = (await auditor.get('/v1/audit/deliveries')).body.deliveries
  expect(all.length).toBeGreaterThanOrEqual(12)
  const seen: string[] = []
  let path: string | undefined = '/v1/audit/deliveries?limit=5'
  while (path) {
    const page: Awaited<ReturnType<TestClient['get']>> = await auditor.get(path)
    seen.push(...page.body.deliveries.map(({ id }: { id: string }) => id))
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
  }
  expect(seen).toEqual(all.map(({ id }: { id: string }) => id))
})

test('they may be asked for by service, authority, state, lateness and time', async () => {
  const ask = async (query: string) => services((await auditor.get(`/v1/audit/deliveries?${query}`)).body)
  expect(new Set(await ask('service=health'))).toEqual(new Set(['health']))
  expect(await ask('service=health&state=acknowledged')).toEqual([])
  expect(await ask('authority=E06000015')).not.toEqual([])
  expect(await ask('authority=E09000007')).toEqual([])
  expect(await ask('overdue=true')).toEqual([])
  expect(await ask('to=2026-10-14T00:00:00Z')).toEqual([])
  expect((await auditor.get('/v1/audit/deliveries?colour=red')).status).toBe(400)
})

test('as CSV they come whole, one a line', async () => {
  const answer = await auditor.get('/v1/audit/deliveries?service=education_setting', { accept: 'text/csv' })
  expect(answer.headers.get('content-type')).toContain('text/csv')
  const [head, ...rows] = String(answer.body).trimEnd().split('\r\n')
  expect(head?.split(',')).toContain('dueBy')
  expect(rows).toHaveLength(3)
})

test('an agency’s own auditor is told of its own deliveries alone', async () => {
  const own = await daymark.client('csc-E06000015', ['audit:read'])
  const { body } = await own.get('/v1/audit/deliveries')
  expect(new Set(body.deliveries.map(({ recipient }: Row) => recipient.id))).toEqual(new Set(['csc-E06000015']))
  expect((await own.get('/v1/audit/events')).body.events.length).toBeGreaterThan(0)
  const stranger = await daymark.client('csc-E09000007', ['audit:read'])
  expect((await stranger.get('/v1/audit/deliveries')).body.deliveries).toEqual([])
  expect((await stranger.get('/v1/audit/completeness')).body).toMatchObject({ notifications: 0, faultsTotal: 0 })
})
