import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let police: TestClient
let socialCare: TestClient
let webhook: Receiver
let atWebhookSchool: Record<string, unknown>

beforeAll(async () => {
  webhook = await aReceiver()
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', webhookAllow: webhook.host })
  const operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  socialCare = await daymark.client('csc-E06000015', ['dispatches:collect'])
  const school = { service: 'education_setting', name: 'Bramblewick School', urn: '900555' }
  await operator.put('/v1/directory/recipients/school-900555', { ...school, channel: { kind: 'webhook', url: webhook.url } })
  const people = (await exampleNotification()).people
  people[2].education = { status: 'on_roll', urns: ['900555'] }
  atWebhookSchool = { people }
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

test('an older version that comes late holds nothing back of what stands', async () => {
  // The first telling failed, the third version says the same to the school: the first goes on, under its own id.
  webhook.answerWith({ kind: 'status', status: 500 })
  const first = await send('v-5', 1, atWebhookSchool)
  await waitFor('the school was called', () => webhook.received.length > 0)
  await triaged(police, await send('v-5', 3, atWebhookSchool))
  await inState(first, 'superseded')
  await inState(await send('v-5', 2, atWebhookSchool), 'superseded')
  webhook.answerWith({ kind: 'status', status: 200 })
  await waitFor(
    'the school is told after all',
    async () => (await read(first)).dispatches.some(({ state }: { state: string }) => state === 'delivered'),
    30_000,
  )
}, 40_000)
