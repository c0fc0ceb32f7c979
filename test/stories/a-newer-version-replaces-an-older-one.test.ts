import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let police: TestClient
let socialCare: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  socialCare = await daymark.client('csc-E06000015', ['dispatches:collect'])
})

const send = async (reference: string, version: number, change: Record<string, unknown> = {}): Promise<string> => {
  const answer = await police.post('/v1/notifications', {
    ...(await exampleNotification()),
    ...change,
    policeReference: reference,
    version,
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return answer.body.id
}
const read = async (id: string) => (await police.get(`/v1/notifications/${id}`)).body
const inState = (id: string, state: string) => waitFor(`${id} is ${state}`, async () => (await read(id)).state === state)
const toSocialCare = (decided: { dispatches: { service: string; state: string }[] }) =>
  decided.dispatches.filter(({ service }) => service === 'childrens_social_care')

test('what nobody has seen yet is taken back, and the newer version is told in its place', async () => {
  const first = await send('v-1', 1)
  await triaged(police, first)
  const second = await send('v-1', 2, { parentsInformed: 'no' })
  const decided = await triaged(police, second)
  await inState(first, 'superseded')
  expect(toSocialCare(await read(first))).toMatchObject([{ state: 'withdrawn' }])
  expect(toSocialCare(decided)).toMatchObject([{ state: 'released' }])
  expect(decided).toMatchObject({ previous: first, next: null })
  expect(await read(first)).toMatchObject({ previous: null, next: second })
})

test('what was collected stays, and the newer version is told as well', async () => {
  const first = await send('v-2', 1)
  await triaged(police, first)
  await waitFor('social care has it', async () => {
    await socialCare.post('/v1/queues/csc-E06000015/collect', { max: 50, leaseSeconds: 3600 })
    return toSocialCare(await read(first))[0]?.state === 'collected'
  })
  const second = await send('v-2', 2, { parentsInformed: 'no' })
  expect(toSocialCare(await triaged(police, second))).toMatchObject([{ state: 'released' }])
  expect(toSocialCare(await read(first))).toMatchObject([{ state: 'collected' }])
})

test('an older version that comes late is kept, sends nothing and says so', async () => {
  const second = await send('v-3', 2)
  await triaged(police, second)
  const first = await send('v-3', 1, { parentsInformed: 'no' })
  await inState(first, 'superseded')
  expect(await read(first)).toMatchObject({ dispatches: [], tasks: [], next: second })
})

test('versions that come together leave exactly one that is told', async () => {
  const ids = await Promise.all([1, 2, 3, 4].map((version) => send('v-4', version)))
  const last = ids[3] ?? ''
  await triaged(police, last)
  for (const id of ids.slice(0, 3)) await inState(id, 'superseded')
  const told = (await Promise.all(ids.map(read))).flatMap(toSocialCare).filter(({ state }) => state === 'released')
  expect(told).toHaveLength(1)
})

test('the timeline of one version spans them all', async () => {
  const { notifications } = (await police.get('/v1/notifications?policeReference=v-4')).body
  expect(notifications.map(({ version }: { version: number }) => version)).toEqual([1, 2, 3, 4])
  const { events } = (await police.get(`/v1/notifications/${notifications[0].id}/timeline`)).body
  expect(events.filter(({ kind }: { kind: string }) => kind === 'notification received')).toHaveLength(4)
})
