import { beforeAll, describe, expect, test } from 'vitest'
import { aChangeStory, asWebhook, type ChangeStory, calls } from '../support/changed-notification.ts'
import { aDaymark } from '../support/daymark.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'
import { loadDirectory } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let story: ChangeStory
let larkspur: Receiver
let foxglove: Receiver

beforeAll(async () => {
  larkspur = await aReceiver()
  foxglove = await aReceiver()
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z', webhookAllow: `${larkspur.host},${foxglove.host}` })
  const operator = await loadDirectory(daymark)
  await asWebhook(operator, '900101', 'Larkspur Primary', larkspur)
  await asWebhook(operator, '900102', 'Foxglove Academy', foxglove)
  story = await aChangeStory(daymark, operator)
})

const delivered = (id: string, kind: string) =>
  waitFor(`the ${kind} is delivered`, async () =>
    (await story.read(id)).dispatches.some((one) => one.kind === kind && one.state === 'delivered'),
  )

describe('a school', () => {
  test('that was told is corrected when the child was not present after all', async () => {
    const first = await story.send('p-1')
    const [alert] = await calls(larkspur, 'p-1', 1)
    await delivered(first, 'alert')
    const second = await story.change(first, 'p-1', 2, (body) => {
      body.people[2].present = false
    })
    const [, correction] = await calls(larkspur, 'p-1', 2)
    expect(correction).toMatchObject({
      kind: 'correction',
      content: {
        corrects: alert?.id,
        changed: [{ field: 'childPresent', was: 'yes', now: 'no' }],
        now: { child: { givenNames: 'Merrin' }, childPresent: 'no' },
      },
    })
    expect(JSON.stringify(correction)).not.toMatch(/Tamsin|Corin|Jory|Quillfeather Row/)
    expect(correction?.id).not.toBe(alert?.id)
    expect((await story.read(second)).dispatches.filter(({ service }) => service === 'education_setting')).toHaveLength(1)
  })

  test('to which nothing changed is sent nothing, and the report knows who told it', async () => {
    const first = await story.send('p-2')
    await calls(larkspur, 'p-2', 1)
    await delivered(first, 'alert')
    const second = await story.change(first, 'p-2', 2, (body) => {
      body.incident.summary = 'Shouting was heard by two neighbours.'
    })
    const { dispatches } = await story.read(second)
    expect(dispatches.map(({ service }) => service)).not.toContain('education_setting')
    expect(await story.faults()).toEqual([])
  })

  test('the child never attended is asked to destroy it and must confirm, and the right one is told', async () => {
    const first = await story.send('p-3')
    const [alert] = await calls(larkspur, 'p-3', 1)
    await delivered(first, 'alert')
    const second = await story.change(first, 'p-3', 2, (body) => {
      body.people[2].education = { status: 'on_roll', urns: ['900102'] }
    })
    const [, recall] = await calls(larkspur, 'p-3', 2)
    expect(recall).toMatchObject({ kind: 'recall', content: { recalls: alert?.id, child: { givenNames: 'Merrin' } } })
    const told = await calls(foxglove, 'p-3', 1)
    expect(told).toMatchObject([{ kind: 'alert', content: { child: { givenNames: 'Merrin' } } }])
    expect((await story.read(first)).dispatches.find(({ id }) => id === alert?.id)).toMatchObject({ state: 'withdrawn' })
    await delivered(second, 'recall')
    expect(await story.acknowledge('school-900101', recall?.id ?? '')).toBe(200)
    expect((await story.read(second)).dispatches.find(({ kind }) => kind === 'recall')).toMatchObject({ state: 'acknowledged' })
    expect(await story.faults()).toEqual([])
  })

  test('that was being called when the change came is called under a new id, and what arrives late is recalled', async () => {
    let letGo: (value: unknown) => void = () => {}
    const until = new Promise((resolve) => {
      letGo = resolve
    })
    larkspur.answerNextWith({ kind: 'held', until, status: 200 })
    const first = await story.send('p-4')
    const [alert] = await calls(larkspur, 'p-4', 1)
    const second = await story.change(first, 'p-4', 2, (body) => {
      body.people[2].education = { status: 'on_roll', urns: ['900102'] }
    })
    expect((await story.read(first)).dispatches.find(({ id }) => id === alert?.id)).toMatchObject({ state: 'withdrawn' })
    letGo(null)
    const [, recall] = await calls(larkspur, 'p-4', 2)
    // Nobody knew whether the alert had arrived: a recall that named the child could have been the first telling.
    expect(recall).toMatchObject({ kind: 'recall', content: { recalls: alert?.id } })
    expect(recall?.content).not.toHaveProperty('child')
    const { events } = (await story.police.get(`/v1/notifications/${second}/timeline`)).body
    await waitFor('the late arrival is on the timeline', async () => {
      const body = (await story.police.get(`/v1/notifications/${second}/timeline`)).body
      return body.events.some(({ kind }: { kind: string }) => kind === 'withdrawn dispatch arrived')
    })
    expect(events.length).toBeGreaterThan(3)
    expect(await story.faults()).toEqual([])
  })
})

const SOCIAL_CARE = 'csc-E06000015'
const grade = (given: string, yesCount: number) => (body: { riskAssessments: Record<string, unknown>[] }) => {
  body.riskAssessments = body.riskAssessments.map((one) => ({ ...one, grade: given, yesCount }))
}

describe('a grade', () => {
  test('that rises sends again, and never later than before', async () => {
    const first = await story.send('g-1', (body) => {
      grade('standard', 4)(body)
      body.people = body.people.slice(0, 3)
      body.people[0].pregnant = false
      delete body.people[0].expectedDeliveryDate
    })
    await story.collect(SOCIAL_CARE)
    const before = (await story.read(first)).dispatches
    const second = await story.change(first, 'g-1', 2, (body) => {
      body.people = body.people.slice(0, 3)
      body.people[0].pregnant = false
      delete body.people[0].expectedDeliveryDate
    })
    const now = (await story.read(second)).dispatches
    expect(now.find(({ service }) => service === 'childrens_social_care')).toMatchObject({ kind: 'referral', state: 'released' })
    for (const one of now) {
      const told = before.find(({ recipient }) => recipient.id === one.recipient.id)
      if (told) expect(Temporal.Instant.compare(one.dueBy, told.dueBy)).toBeLessThanOrEqual(0)
    }
  })

  test('that falls cancels nothing', async () => {
    const first = await story.send('g-2')
    await story.collect(SOCIAL_CARE)
    const before = (await story.read(first)).dispatches
    const second = await story.change(first, 'g-2', 2, grade('standard', 4))
    const now = (await story.read(second)).dispatches
    expect(now.filter(({ kind }) => kind === 'recall')).toEqual([])
    expect(now.find(({ service }) => service === 'childrens_social_care')).toMatchObject({ kind: 'correction' })
    const [correction] = await story.collect(SOCIAL_CARE)
    expect(JSON.stringify(correction?.content.changed)).toContain('standard')
    for (const told of before) {
      const state = (await story.read(first)).dispatches.find(({ id }) => id === told.id)?.state
      if (state === 'withdrawn') expect(now.map(({ recipient }) => recipient.id)).toContain(told.recipient.id)
    }
    expect(await story.faults()).toEqual([])
  })
})

test('corrected roles reach everyone who was told a role', async () => {
  const first = await story.send('r-1')
  await story.collect(SOCIAL_CARE)
  const second = await story.change(first, 'r-1', 2, (body) => {
    body.rolesContested = true
    body.people[0].role = 'suspect'
    body.people[1].role = 'victim'
    body.riskAssessments[0].personRef = 's1'
  })
  const corrections = (await story.collect(SOCIAL_CARE)).filter(({ kind }) => kind === 'correction')
  const changed = JSON.stringify(corrections.map(({ content }) => content.changed))
  expect(changed).toContain('rolesContested')
  expect(changed).toContain('"was":"victim","now":"suspect"')
  const { dispatches } = await story.read(second)
  expect(dispatches.filter(({ service, kind }) => service === 'education_setting' && kind === 'correction')).toEqual([])
})

test('an address that changed is changed in all that nobody has seen, and stands in none of it any more', async () => {
  const first = await story.send('a-2')
  const waiting = (await story.read(first)).dispatches.find(({ recipient }) => recipient.id === SOCIAL_CARE)
  expect(waiting).toMatchObject({ state: 'released' })
  const second = await story.change(first, 'a-2', 2, (body) => {
    const moved = { lines: ['8 Larkspur Mews'], postcode: 'DE9 9ZX' }
    body.incident.address = moved
    body.people = body.people.map((person: object) => ('address' in person ? { ...person, address: moved } : person))
  })
  const now = (await story.collect(SOCIAL_CARE)).filter(({ content }) => content.policeReference === 'a-2')
  expect(now).toHaveLength(1)
  expect(JSON.stringify(now)).toContain('8 Larkspur Mews')
  expect(JSON.stringify(now)).not.toMatch(/Quillfeather Row|DE1 9ZZ|100099999901/)
  expect((await story.read(first)).dispatches.find(({ id }) => id === waiting?.id)).toMatchObject({ state: 'withdrawn' })
  const unsent = (await story.read(first)).dispatches.filter(({ state }) => ['planned', 'released', 'held'].includes(state))
  for (const one of unsent) {
    // What says no address may stay; whoever reads it finds nothing of the old one.
    expect(JSON.stringify(await story.readAgain(one.recipient.id, one.id))).not.toMatch(/Quillfeather Row|DE1 9ZZ/)
  }
  expect((await story.read(second)).state).toBe('triaged')
})

test('an address that became protected leaves in no dispatch, past or waiting', async () => {
  const first = await story.send('a-1')
  const old = (await story.collect(SOCIAL_CARE)).find(({ content }) => content.policeReference === 'a-1')
  expect(JSON.stringify(old)).toContain('14 Quillfeather Row')
  const health = (await story.read(first)).dispatches.filter(({ state }) => state === 'released')
  expect(health.length).toBeGreaterThan(0)
  const second = await story.change(first, 'a-1', 2, (body) => {
    body.restrictions = [{ kind: 'address_protected', personRef: 'v1', reason: 'She has moved to a refuge.' }]
  })
  const now = await story.collect(SOCIAL_CARE)
  expect(now.map(({ kind }) => kind)).toContain('correction')
  const recipients = [...new Set((await story.read(second)).dispatches.map(({ recipient }) => recipient.id))]
  const queues = await Promise.all(
    recipients.filter((id) => !id.startsWith('school') && id !== SOCIAL_CARE).map((id) => story.collect(id)),
  )
  expect(JSON.stringify([now, queues])).not.toMatch(/Quillfeather Row|DE1 9ZZ|100099999901/)
  const again = await story.readAgain(SOCIAL_CARE, old?.id ?? '')
  expect(again).toMatchObject({ content: { noLongerSo: true } })
  expect(JSON.stringify(again)).not.toContain('Quillfeather Row')
})

describe('a withdrawal', () => {
  test('recalls what was seen and takes back what was not, and again is the same', async () => {
    const first = await story.send('w-1')
    await story.collect(SOCIAL_CARE)
    const before = (await story.read(first)).dispatches
    const take = () => story.police.post(`/v1/notifications/${first}/withdrawal`, { reason: 'Sent for the wrong family.' })
    expect(await take()).toMatchObject({ status: 202, body: { id: first, state: 'withdrawn' } })
    expect(await take()).toMatchObject({ status: 202, body: { id: first, state: 'withdrawn' } })
    const after = await waitFor('it is taken back', async () => {
      const { dispatches } = await story.read(first)
      return dispatches.some(({ kind }) => kind === 'recall') ? dispatches : null
    })
    for (const told of before) {
      const recalled = after.some((one) => one.kind === 'recall' && one.recipient.id === told.recipient.id)
      const stands = after.find(({ id }) => id === told.id)?.state
      expect(recalled || stands === 'withdrawn', JSON.stringify(told)).toBe(true)
    }
    expect(after.filter(({ kind, state }) => kind !== 'recall' && state !== 'withdrawn')).toEqual([])
    expect((await story.read(first)).tasks.filter(({ state }) => state !== 'decided')).toEqual([])
    const { events } = (await story.police.get(`/v1/notifications/${first}/timeline`)).body
    expect(events.filter(({ kind }: { kind: string }) => kind === 'notification withdrawn')).toHaveLength(1)
    expect(JSON.stringify(events)).not.toContain('wrong family')
    expect(await story.faults()).toEqual([])
  })

  test('is for the newest version, and for one’s own', async () => {
    const first = await story.send('w-2')
    await story.change(first, 'w-2', 2, (body) => {
      body.parentsInformed = 'no'
    })
    const late = await story.police.post(`/v1/notifications/${first}/withdrawal`, { reason: 'Too late.' })
    expect(late).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:not-the-newest' } })
    expect((await story.operator.post(`/v1/notifications/${first}/withdrawal`, { reason: 'Not ours.' })).status).toBe(403)
  })
})
