import { Webhook } from 'standardwebhooks'
import { beforeAll, describe, expect, test } from 'vitest'
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { queueBackends } from '../support/queue-backends.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

describe.each(queueBackends)('with the queue on $name', ({ redisUrl }) => {
  let daymark: Daymark
  let school: Receiver
  let police: TestClient
  let socialCare: TestClient
  let id: string
  let secret: string

  beforeAll(async () => {
    school = await aReceiver()
    daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', redisUrl, webhookAllow: school.host })
    const operator = await loadDirectory(daymark)
    const written = await operator.put('/v1/directory/recipients/school-900101', {
      service: 'education_setting',
      name: 'Larkspur Primary',
      urn: '900101',
      agency: 'school-900101',
      channel: { kind: 'webhook', url: school.url },
      contacts: [{ name: 'Alder Penhaligon', role: 'key_adult', email: 'key-adult@900101.example' }],
    })
    expect(written.status).toBe(200)
    secret = written.body.secret
    school.trust(secret)
    police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
    socialCare = await daymark.client('csc-E06000015', ['dispatches:collect'])
    const answer = await police.post('/v1/notifications', await exampleNotification())
    expect(answer.status, JSON.stringify(answer.body)).toBe(202)
    expect(answer.body).toMatchObject({ policeReference: 'DC-2026-0451187', version: 1, state: 'received' })
    id = answer.body.id
  })

  test('social care has the referral in its queue, and it says why', async () => {
    const decided = await triaged(police, id)
    expect(decided.policy).toMatchObject({ area: 'derby-derbyshire', inForceFrom: '2025-10-24' })
    const referral = decided.dispatches.find((one: { service: string }) => one.service === 'childrens_social_care')
    expect(referral).toMatchObject({
      kind: 'referral',
      recipient: { id: 'csc-E06000015', name: 'Initial Response Team' },
      state: 'released',
    })
    expect(referral.about).toEqual(expect.arrayContaining(['c1', 'c2']))
    const fired = decided.outcome.rulings.filter((one: { result: string }) => one.result === 'fired')
    expect(fired.length).toBeGreaterThan(2)
    for (const ruling of fired) expect(ruling.cites.section).not.toBe('')
  })

  test('the school has a signed alert with its allow-list and nothing else', async () => {
    const [call] = await waitFor('the school is told', () => (school.received.length > 0 ? school.received : null))
    if (!call) throw new Error('the school was not called')
    expect(call.signed).toBe(true)
    new Webhook(secret).verify(call.body, call.headers)
    const event = JSON.parse(call.body)
    expect(event).toMatchObject({ specversion: '1.0', type: 'uk.daymark.dispatch.released.v1', id: call.headers['webhook-id'] })
    expect(call.body).toContain('Merrin')
    for (const kept of ['Tamsin', 'Corin', 'Vance', 'Jory', 'Quillfeather Row', 'phone', '01632', 'NOM-', 'DE1 9ZZ']) {
      expect(call.body).not.toContain(kept)
    }
  })

  test('the alert is due by the first opening of the school, and was delivered', async () => {
    const alert = await waitFor('the alert is delivered', async () => {
      const { body } = await police.get(`/v1/notifications/${id}`)
      const found = body.dispatches.find((one: { service: string }) => one.service === 'education_setting')
      return found?.state === 'delivered' ? found : null
    })
    expect(Temporal.Instant.from(alert.dueBy).toString()).toBe('2026-10-15T07:45:00Z')
  })

  test('social care collects the whole notification and acknowledges it', async () => {
    const collected = await socialCare.post('/v1/queues/csc-E06000015/collect', { max: 10, leaseSeconds: 60 })
    expect(collected.status, JSON.stringify(collected.body)).toBe(200)
    const [dispatch] = collected.body.dispatches
    expect(JSON.stringify(dispatch.content)).toContain('red mark to the left arm')
    const acknowledged = await socialCare.post(`/v1/dispatches/${dispatch.id}/acknowledgement`, {
      leaseToken: dispatch.lease.token,
      by: 'sw-12',
    })
    expect(acknowledged.status, JSON.stringify(acknowledged.body)).toBe(200)
  })

  test('the timeline tells who was told what, when and why, oldest first', async () => {
    const { body } = await police.get(`/v1/notifications/${id}/timeline`)
    const kinds = body.events.map(({ kind }: { kind: string }) => kind)
    expect(kinds[0]).toBe('notification received')
    expect(kinds).toEqual(
      expect.arrayContaining(['notification triaged', 'dispatch released', 'dispatch delivered', 'dispatch acknowledged']),
    )
    expect(JSON.stringify(body)).not.toMatch(/Quillfeather|Tamsin|Merrin|Jory|Corin/)
  })

  test('the completeness report finds nothing missing', async () => {
    const operator = await daymark.client('operator', ['audit:read'])
    const { status, body } = await operator.get('/v1/audit/completeness')
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body).toMatchObject({ notifications: 1, faults: [], faultsTotal: 0 })
    expect(body.due).toBeGreaterThan(3)
  })

  test('another force sees none of it', async () => {
    const other = await daymark.client('police-elsewhere', ['notifications:read'])
    expect((await other.get(`/v1/notifications/${id}`)).status).toBe(404)
    expect((await other.get(`/v1/notifications/${id}/timeline`)).status).toBe(404)
  })
})
