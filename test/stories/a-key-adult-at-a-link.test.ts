import { beforeEach, expect, test } from 'vitest'
import { aMovedService, type Caller, type MovedService } from '../month/service.ts'
import { aMailServer, linkIn, type MailServer } from '../support/mail-server.ts'
import { aBrowser, wordsOn } from '../support/school-link.ts'
import { exampleNotification } from '../support/story.ts'

/** Wednesday evening; the school opens on Thursday at 08:45, which is 07:45 in UTC. */
const EVENING = '2026-10-14T20:05:00Z'
const OPENS = Temporal.Instant.from('2026-10-15T07:45:00Z')

let service: MovedService
let server: MailServer
let police: Caller
let operator: Caller

const school = {
  service: 'education_setting',
  name: 'Larkspur Primary',
  urn: '900101',
  channel: { kind: 'email', address: 'office@larkspur.example' },
  contacts: [
    { name: 'Alder Penhaligon', role: 'key_adult', email: 'key.adult@larkspur.example', phone: '01632 960001' },
    { name: 'Bryony Tolliver', role: 'deputy', email: 'deputy@larkspur.example' },
  ],
  opensAt: '08:45',
  terms: [['2026-09-02', '2026-10-23']],
}

async function begin(given: { encrypts?: boolean; school?: Record<string, unknown> } = {}): Promise<void> {
  server = await aMailServer({ encrypts: given.encrypts ?? true })
  service = await aMovedService(EVENING, '', {
    SMTP_URL: server.url,
    SMTP_CA_FILE: server.caFile,
    MAIL_FROM: 'daymark@example.org',
    DAYMARK_PUBLIC_URL: 'https://daymark.example',
  })
  police = await service.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  operator = await service.client('operator', ['directory:write', 'audit:read'])
  const put = await operator('PUT', '/v1/directory/recipients/school-900101', { ...school, ...given.school })
  expect(put.status).toBe(201)
  const duty = { name: 'Corwen Ashgrove', role: 'duty', phone: '01632 960099' }
  const protection = {
    service: 'police_child_protection',
    name: 'Child protection',
    agency: 'police-derbyshire',
    authorities: ['E06000015'],
  }
  await operator('PUT', '/v1/directory/recipients/cp-derby', { ...protection, channel: { kind: 'pull_queue' }, contacts: [duty] })
}

async function notified(): Promise<string> {
  const { body } = await police('POST', '/v1/notifications', await exampleNotification())
  // No bell rings here: what was rung for is looked at once nobody has come.
  for (const _ of ['triage', 'delivery']) {
    service.clock.moveBy({ seconds: 6 })
    await service.work()
  }
  return body.id
}

const alertOf = async (id: string) => {
  const { body } = await police('GET', `/v1/notifications/${id}`)
  return body.dispatches.find((one: { service: string }) => one.service === 'education_setting')
}
const timelineOf = async (
  id: string,
): Promise<{ kind: string; actor: string; detail: Record<string, unknown>; dispatch?: string; at: string }[]> =>
  (await police('GET', `/v1/notifications/${id}/timeline`)).body.events

beforeEach(() => {
  server?.received.splice(0)
})

test('a key adult acknowledges at a link before school opens, and the deputy is left in peace', async () => {
  await begin()
  const id = await notified()
  expect(server.received.map(({ to }) => to)).toEqual([['office@larkspur.example']])
  service.clock.moveTo('2026-10-14T22:00:00Z')
  const browser = aBrowser(service.app)
  const path = linkIn(server.received[0])
  expect((await browser.get(path)).html).not.toContain('Merrin')
  const alert = await browser.press(path)
  expect(wordsOn(alert)).toContain('Merrin')
  // No party but the child, no address, no account: the school's allow-list.
  expect(alert.html).not.toMatch(/Tamsin|Corin|Quillfeather Row|neighbour/)
  await browser.press(`${path}/answers/acknowledged`)
  expect(await alertOf(id)).toMatchObject({ state: 'acknowledged', overdue: false })
  service.clock.moveTo('2026-10-15T07:45:00Z')
  await service.work()
  expect(server.received).toHaveLength(1)
  const events = (await timelineOf(id)).filter(({ actor }) => actor.startsWith('lnk_'))
  expect(events.map(({ kind }) => kind)).toEqual(['link opened', 'dispatch disclosed', 'dispatch acknowledged'])
  expect(service.faults()).toBe(0)
})

test('nobody answers: the deputy is asked at half the time, a person an hour before school opens, and at opening it is overdue', async () => {
  await begin()
  const id = await notified()
  const { releaseAt, dueBy } = await alertOf(id)
  expect(Temporal.Instant.compare(dueBy, OPENS)).toBe(0)
  const half = Temporal.Instant.from(releaseAt).add({
    milliseconds: (OPENS.epochMilliseconds - Temporal.Instant.from(releaseAt).epochMilliseconds) / 2,
  })
  service.clock.moveTo(half.toString())
  await service.work()
  expect(server.received.map(({ to }) => to)).toEqual([['office@larkspur.example'], ['deputy@larkspur.example']])
  expect(server.received[1]?.text).toContain('You are asked as deputy.')
  const rung = async () =>
    (await police('GET', `/v1/notifications/${id}`)).body.tasks.some(
      (task: { desk: string; question: string }) => task.desk === 'directory' && task.question.includes('Ring it now'),
    )
  expect(await rung()).toBe(false)
  service.clock.moveTo('2026-10-15T06:45:00Z')
  await service.work()
  expect(await rung()).toBe(true)
  service.clock.moveTo('2026-10-15T07:45:00Z')
  await service.work()
  expect(await alertOf(id)).toMatchObject({ state: 'delivered', overdue: true })
  const browser = aBrowser(service.app)
  const path = linkIn(server.received[1])
  await browser.press(path)
  await browser.press(`${path}/answers/seen-by-deputy`)
  expect(await alertOf(id)).toMatchObject({ state: 'acknowledged', overdue: true })
  const last = (await timelineOf(id)).findLast(({ kind }) => kind === 'dispatch acknowledged')
  expect(last?.detail).toMatchObject({ as: 'deputy', overdue: true })
})

test('a link that is used twice, or sent on, shows nothing, says whom to ring, and is on record', async () => {
  await begin()
  const id = await notified()
  const path = linkIn(server.received[0])
  await aBrowser(service.app).press(path)
  const forwarded = await aBrowser(service.app).get(path)
  expect(forwarded.status).toBe(403)
  expect(wordsOn(forwarded)).toContain('01632 960099')
  expect(forwarded.html).not.toMatch(/Merrin|Larkspur|Ashgrove/)
  const refused = (await timelineOf(id)).find(({ kind }) => kind === 'link refused')
  expect(refused?.detail).toMatchObject({ why: 'opened elsewhere', contact: 'mailbox' })
})

test('a child who is not at that school goes to a person, and the clock goes on', async () => {
  await begin()
  const id = await notified()
  const { dueBy } = await alertOf(id)
  const browser = aBrowser(service.app)
  const path = linkIn(server.received[0])
  await browser.press(path)
  await browser.press(`${path}/answers/not-here`)
  await service.work()
  const { tasks } = (await police('GET', `/v1/notifications/${id}`)).body
  expect(tasks.find(({ desk }: { desk: string }) => desk === 'directory').question).toContain('gave it back (not ours)')
  expect(await alertOf(id)).toMatchObject({ state: 'held', dueBy })
  expect((await browser.get(`${path}/alert`)).html).not.toContain('Merrin')
})

test('where the way to the mail server is stripped of its encryption, nothing is said on it, and a person rings in time', async () => {
  await begin({ encrypts: false })
  const id = await notified()
  expect(server.named).toEqual([])
  const failed = (await timelineOf(id)).filter(({ kind }) => kind === 'attempt failed')
  expect(failed[0]?.detail).toMatchObject({ outcome: 'failed', why: 'the mail server offers no encryption, so nothing was sent' })
  service.clock.moveTo('2026-10-15T06:45:00Z')
  await service.work()
  expect(server.named).toEqual([])
  const { tasks } = (await police('GET', `/v1/notifications/${id}`)).body
  expect(tasks.find(({ desk }: { desk: string }) => desk === 'directory').question).toContain('Ring it now')
  const health = await service.app.inject({ url: '/health' })
  expect(health.json().components.email).toMatchObject({
    status: 'WARN',
    detail: expect.stringContaining('offers no encryption'),
  })
})

test('a father who is the deputy is asked nothing: the alert is held, and a person rings whoever is clear of it', async () => {
  await begin({
    school: {
      contacts: [
        { name: 'Alder Penhaligon', role: 'key_adult', email: 'key.adult@larkspur.example', phone: '01632 960001' },
        { name: 'Corin Vance', role: 'deputy', email: 'deputy@larkspur.example' },
      ],
    },
  })
  const id = await notified()
  for (const moment of ['2026-10-15T02:00:00Z', '2026-10-15T06:45:00Z', '2026-10-15T07:45:00Z']) {
    service.clock.moveTo(moment)
    await service.work()
  }
  expect(server.named).toEqual([])
  expect(await alertOf(id)).toMatchObject({ state: 'held' })
  const { tasks } = (await police('GET', `/v1/notifications/${id}`)).body
  expect(tasks.find(({ desk }: { desk: string }) => desk === 'directory').question).toContain('01632 960001')
})

test('a mail that nobody has opened has told nothing: a withdrawal takes it back, and names no child to the school', async () => {
  await begin()
  const id = await notified()
  const path = linkIn(server.received[0])
  expect((await police('POST', `/v1/notifications/${id}/withdrawal`, { reason: 'Recorded twice' })).status).toBe(202)
  const unsettled = await aBrowser(service.app).press(path)
  expect(unsettled.html).not.toContain('Merrin')
  service.clock.moveBy({ seconds: 6 })
  await service.work()
  const closed = await aBrowser(service.app).press(path)
  expect(closed.status).toBe(410)
  for (const mail of server.received.slice(1)) {
    const recall = await aBrowser(service.app).press(linkIn(mail))
    expect(recall.html).not.toMatch(/Merrin|Quillfeather/)
  }
})

test('what was read at a link is recalled, and the school is told which child’s record to destroy', async () => {
  await begin()
  const id = await notified()
  const browser = aBrowser(service.app)
  await browser.press(linkIn(server.received[0]))
  expect((await police('POST', `/v1/notifications/${id}/withdrawal`, { reason: 'Recorded twice' })).status).toBe(202)
  for (const _ of ['triage', 'delivery']) {
    service.clock.moveBy({ seconds: 6 })
    await service.work()
  }
  const recall = await aBrowser(service.app).press(linkIn(server.received.at(-1)))
  expect(wordsOn(recall)).toContain('Police take back what they told you')
  expect(wordsOn(recall)).toContain('Merrin')
})

test('a father who becomes the deputy after the mail went out sees nothing at its link', async () => {
  await begin()
  const id = await notified()
  const path = linkIn(server.received[0])
  const [keyAdult] = school.contacts
  const contacts = [keyAdult, { name: 'Corin Vance', role: 'deputy', email: 'deputy@larkspur.example' }]
  expect((await operator('PUT', '/v1/directory/recipients/school-900101', { ...school, contacts })).status).toBe(200)
  expect((await aBrowser(service.app).press(path)).html).not.toContain('Merrin')
  service.clock.moveBy({ seconds: 6 })
  await service.work()
  expect((await aBrowser(service.app).press(path)).html).not.toContain('Merrin')
  service.clock.moveTo('2026-10-15T07:45:00Z')
  await service.work()
  expect(server.named).not.toContain('deputy@larkspur.example')
  const { dispatches } = (await police('GET', `/v1/notifications/${id}`)).body
  const alerts = dispatches.filter((one: { service: string }) => one.service === 'education_setting')
  expect(alerts.map((one: { state: string }) => one.state).toSorted()).toEqual(['held', 'withdrawn'])
})

test('a mail names nobody, no school and no case, and no token stands in a log or an event', async () => {
  await begin()
  const id = await notified()
  const [mail] = server.received
  expect(mail?.text).not.toMatch(/Merrin|Quillfeather|Tamsin|Corin|Larkspur Primary|Penhaligon|Derby|DC-2026/)
  const token = linkIn(mail).slice('/a/'.length)
  expect(JSON.stringify(await timelineOf(id))).not.toContain(token.split('.')[1])
})
