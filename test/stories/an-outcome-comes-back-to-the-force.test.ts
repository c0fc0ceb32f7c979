import { beforeAll, describe, expect, test } from 'vitest'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let daymark: Daymark
let police: TestClient
let care: TestClient
let force: Receiver
let id: string
let dispatch: string

beforeAll(async () => {
  force = await aReceiver()
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', webhookAllow: force.host })
  await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  care = await daymark.client('csc-E06000015', ['dispatches:collect'])
  const put = await police.put('/v1/forces/police-derbyshire/outcome-webhook', { url: force.url })
  force.trust(put.body.secret)
  id = (await police.post('/v1/notifications', await exampleNotification())).body.id
  await triaged(police, id)
  const collected = await care.post('/v1/queues/csc-E06000015/collect', { max: 1, leaseSeconds: 300, waitSeconds: 20 })
  dispatch = collected.body.dispatches[0].id
  const note = 'Seen with Tamsin Quillfeather’s sister'
  const said = await care.post(`/v1/dispatches/${dispatch}/outcome`, { code: 'assessment_started', note })
  expect(said.status).toBe(200)
})

const kinds = async () => {
  const { body } = await police.get(`/v1/notifications/${id}/timeline`)
  return body.events.map(({ kind }: { kind: string }) => kind)
}

describe('an outcome', () => {
  test('is read by the force with its note, and each showing of the note is recorded', async () => {
    const before = (await kinds()).filter((kind: string) => kind === 'outcome note disclosed').length
    const { body } = await police.get(`/v1/notifications/${id}`)
    const [told] = body.dispatches.filter((one: { id: string }) => one.id === dispatch)
    expect(told.outcome).toMatchObject({ code: 'assessment_started', note: 'Seen with Tamsin Quillfeather’s sister' })
    expect(body.dispatches.filter((one: { outcome: unknown }) => one.outcome !== null)).toHaveLength(1)
    expect((await kinds()).filter((kind: string) => kind === 'outcome note disclosed')).toHaveLength(before + 1)
  })

  test('is sent to the force’s webhook, signed, and without its note', async () => {
    const heard = await waitFor('the force is called', () => force.received.find(({ body }) => body.includes(dispatch)))
    expect(heard.signed).toBe(true)
    expect(JSON.parse(heard.body)).toMatchObject({
      type: 'uk.daymark.outcome.recorded.v1',
      data: { notification: id, service: 'childrens_social_care', code: 'assessment_started' },
    })
    expect(heard.body).not.toContain('Tamsin')
    await waitFor('the timeline says so', async () => (await kinds()).includes('outcome told'))
    expect(JSON.stringify((await police.get(`/v1/notifications/${id}/timeline`)).body)).not.toContain('Tamsin')
  })
})

test('an agency can prove that it missed nothing', async () => {
  const status = await waitFor('the queue is numbered', async () => {
    const { body } = await care.get('/v1/queues/csc-E06000015/status')
    return body.last > 0 ? body : null
  })
  expect(status.gaps.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
    Array.from({ length: status.last }, (_, index) => index + 1),
  )
  expect((await care.get('/v1/queues/csc-E06000015/non-collection')).body).toEqual({ id: 'csc-E06000015', uncollected: [] })
  for (const path of ['status', 'non-collection']) {
    const stranger = await daymark.client('csc-E06000016', ['dispatches:collect'])
    expect((await stranger.get(`/v1/queues/csc-E06000015/${path}`)).status).toBe(404)
  }
})
