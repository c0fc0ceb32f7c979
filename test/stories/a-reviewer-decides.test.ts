import { beforeAll, describe, expect, test } from 'vitest'
import type { TestClient } from '../support/daymark.ts'
import { aDeskStory, type DeskStory, graded, RATIONALE, readTask, type TestTask } from '../support/desk-story.ts'
import { waitFor } from '../support/wait-for.ts'

let story: DeskStory
let reviewer: TestClient
let another: TestClient

beforeAll(async () => {
  story = await aDeskStory()
  reviewer = await story.reviewer()
  another = await story.reviewer()
})

const decide = (client: TestClient, id: string, body: Record<string, unknown>, headers?: Record<string, string>) =>
  client.post(`/v1/tasks/${id}/decision`, { rationale: RATIONALE, ...body }, headers)
const dispatchesTo = async (notification: string, service: string) =>
  (await story.read(notification)).dispatches.filter((one: { service: string }) => one.service === service)
const faults = async () => (await story.operator.get('/v1/audit/completeness')).body.faults
const open = async (notification: string, desk: string) =>
  (await story.read(notification)).tasks.filter((one: TestTask) => one.desk === desk && one.state !== 'decided')

describe('a decision to tell somebody', () => {
  test('plans it at once, cites who decided and keeps why sealed', async () => {
    const id = await story.send('d-1', graded('standard'))
    expect(await dispatchesTo(id, 'specialist_support')).toEqual([])
    const before = await dispatchesTo(id, 'marac')
    expect(before).toEqual([])
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const answer = await decide(reviewer, task, { decision: 'refer', services: ['marac', 'idva'] })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    expect(answer.body).toMatchObject({ state: 'decided', decision: 'refer', alreadyTold: [], notDispatched: [] })
    const services = answer.body.dispatches.map(({ service }: { service: string }) => service)
    expect(services.sort()).toEqual(['idva', 'marac'])
    const [marac] = await dispatchesTo(id, 'marac')
    expect(marac).toMatchObject({ kind: 'referral', state: 'released', rules: [`decision:${task}`] })
    const [event] = await story.events(id, 'task decided')
    expect(event).toMatchObject({
      actor: answer.body.decidedBy,
      task,
      detail: { decision: 'refer', services: ['marac', 'idva'] },
    })
    expect(event.detail.saw.length).toBeGreaterThan(20)
    expect(JSON.stringify(event)).not.toContain(RATIONALE.slice(0, 20))
    expect((await readTask(reviewer, task)).body.rationale).toBe(RATIONALE)
    expect(await faults()).toEqual([])
  })

  test('tells nobody twice what the rules told', async () => {
    const id = await story.send('d-2')
    const [told] = await dispatchesTo(id, 'childrens_social_care')
    expect(told.kind).toBe('referral')
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const answer = await decide(reviewer, task, { decision: 'notify', services: ['childrens_social_care'] })
    expect(answer.body).toMatchObject({ dispatches: [], alreadyTold: [{ dispatch: told.id }] })
    expect(await dispatchesTo(id, 'childrens_social_care')).toHaveLength(1)
    expect(await faults()).toEqual([])
  })

  test('that asks for more than the rules did goes out beside it', async () => {
    const id = await story.send('d-2b', (body) => {
      graded('medium')(body)
      body.people = body.people.filter(({ ref }: { ref: string }) => ref !== 'c2')
      body.people[0].pregnant = false
      delete body.people[0].expectedDeliveryDate
    })
    expect(await dispatchesTo(id, 'childrens_social_care')).toMatchObject([{ kind: 'notification' }])
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const answer = await decide(reviewer, task, { decision: 'refer', services: ['childrens_social_care'] })
    expect(answer.body.dispatches, JSON.stringify(answer.body)).toMatchObject([{ kind: 'referral' }])
    expect(await dispatchesTo(id, 'childrens_social_care')).toHaveLength(2)
  })

  test('sent again is answered the same, and otherwise is final', async () => {
    const id = await story.send('d-3', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const body = { decision: 'refer', services: ['marac'] }
    const first = await decide(reviewer, task, body)
    const again = await decide(reviewer, task, body)
    expect(again.status).toBe(200)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    const other = await decide(reviewer, task, { decision: 'resolve' })
    expect(other).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:task-decided' } })
    expect((await decide(another, task, body)).status).toBe(409)
    expect(await dispatchesTo(id, 'marac')).toHaveLength(1)
    expect(await story.events(id, 'task decided')).toHaveLength(1)
  })

  test('that cannot be planned yet asks the directory, and is no silence', async () => {
    const id = await story.send('d-4', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const answer = await decide(reviewer, task, { decision: 'notify', services: ['specialist_support'] })
    expect(answer.body.notDispatched).toMatchObject([{ service: 'specialist_support', reason: 'no recipient in the directory' }])
    expect(await open(id, 'directory')).not.toEqual([])
    expect(await faults()).toEqual([])
  })
})

describe('two people', () => {
  test('never decide the same task, however many try at once', async () => {
    const id = await story.send('d-5', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const people = await Promise.all(Array.from({ length: 16 }, () => story.reviewer()))
    const answers = await Promise.all(
      people.map((person, at) =>
        decide(
          person,
          task,
          at % 2 === 0 ? { decision: 'refer', services: ['marac'] } : { decision: 'notify', services: ['idva'] },
        ),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
    expect(await story.events(id, 'task decided')).toHaveLength(1)
    const made = [...(await dispatchesTo(id, 'marac')), ...(await dispatchesTo(id, 'idva'))]
    expect(made).toHaveLength(1)
  })

  test('do not take each other’s task: it is decided by whoever has claimed it', async () => {
    const id = await story.send('d-6', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    await reviewer.post(`/v1/tasks/${task}/claim`, {})
    const body = { decision: 'refer', services: ['marac'] }
    expect(await decide(another, task, body)).toMatchObject({
      status: 409,
      body: { type: 'urn:daymark:problem:task-is-anothers' },
    })
    expect((await decide(reviewer, task, body)).status).toBe(200)
  })
})

describe('no further action', () => {
  test('on a task at high risk needs a second, different person', async () => {
    const id = await story.send('d-7')
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const body = { decision: 'no_further_action' }
    const first = await decide(reviewer, task, body)
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'open', proposed: { decision: 'no_further_action' }, dispatches: [] },
    })
    expect(first.body.needs).toMatch(/Another person/)
    expect(await decide(reviewer, task, body)).toMatchObject({
      status: 409,
      body: { type: 'urn:daymark:problem:second-person-needed' },
    })
    expect((await readTask(another, task)).body.proposed.by).toBe(first.body.proposed.by)
    const second = await decide(another, task, body)
    expect(second.body).toMatchObject({ state: 'decided', decision: 'no_further_action' })
    const [event] = await story.events(id, 'task decided')
    expect(event.detail.firstPerson).toBe(first.body.proposed.by)
    expect(event.actor).not.toBe(first.body.proposed.by)
  })

  test('on a task nobody graded needs one too, on a lesser one it does not, and closing it in other words is the same', async () => {
    const ungraded = await story.send('d-8', (body) => {
      body.riskAssessments = []
    })
    const medium = await story.send('d-9', graded('medium'))
    const high = await story.send('d-10')
    const task = (id: string) => story.taskOf(id, 'domestic_abuse_review')
    expect((await decide(reviewer, await task(ungraded), { decision: 'no_further_action' })).body.state).toBe('open')
    expect((await decide(reviewer, await task(medium), { decision: 'no_further_action' })).body.state).toBe('decided')
    expect((await decide(reviewer, await task(high), { decision: 'resolve' })).body.state).toBe('open')
  })

  test('proposed by one, a second person may decide otherwise, and the first opinion stays in the timeline', async () => {
    const id = await story.send('d-11')
    const task = await story.taskOf(id, 'domestic_abuse_review')
    await decide(reviewer, task, { decision: 'no_further_action' })
    expect((await decide(another, task, { decision: 'notify', services: ['idva'] })).body.state).toBe('decided')
    expect(await story.events(id, 'decision proposed')).toMatchObject([{ task, detail: { decision: 'no_further_action' } }])
  })
})

describe('a decision with faults', () => {
  test('is refused with every one of them at once', async () => {
    const id = await story.send('d-12', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const codes = async (body: Record<string, unknown>) => {
      const answer = await reviewer.post(`/v1/tasks/${task}/decision`, body)
      expect(answer.status).toBe(400)
      return answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`).sort()
    }
    expect(await codes({ decision: 'refer' })).toEqual(['/rationale missing', '/services missing'])
    expect(await codes({ decision: 'regrade', rationale: ' ', services: ['marac'] })).toEqual([
      '/grade missing',
      '/rationale too-small',
      '/services not-for-this-decision',
    ])
    expect(await codes({ decision: 'notify', rationale: 'x', services: ['marak'], recipientId: 'nobody', extra: 1 })).toEqual([
      '/extra unknown-field',
      '/recipientId unknown-recipient',
      '/services/0 not-a-choice',
    ])
    expect(await codes({ decision: 'notify', rationale: 'x', services: ['marac'], recipientId: 'school-900101' })).toEqual([
      '/recipientId recipient-of-another-service',
    ])
    expect((await readTask(reviewer, task)).body.state).toBe('open')
  })

  test('or one made of less than is asked now, is refused and says to read again', async () => {
    const id = await story.send('d-13', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const etag = (await readTask(reviewer, task)).headers.get('etag') ?? ''
    const stale = await decide(reviewer, task, { decision: 'resolve' }, { 'if-match': '"something-else"' })
    expect(stale).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:task-changed' } })
    expect((await decide(reviewer, task, { decision: 'resolve' }, { 'if-match': etag })).status).toBe(200)
  })
})

describe('pitstop', () => {
  test('moves the question to the meeting’s desk', async () => {
    const id = await story.send('d-14', graded('standard'))
    const task = await story.taskOf(id, 'domestic_abuse_review')
    const { questions } = (await readTask(reviewer, task)).body
    const answer = await decide(reviewer, task, { decision: 'pitstop' })
    const moved = await readTask(reviewer, answer.body.movedTo)
    expect(moved.body).toMatchObject({ desk: 'pitstop', state: 'open' })
    const texts = moved.body.questions.map(({ question }: { question: string }) => question)
    for (const { question } of questions) expect(texts).toContain(question)
    const again = await decide(reviewer, answer.body.movedTo, { decision: 'pitstop' })
    expect(again.body.errors).toMatchObject([{ pointer: '/decision', code: 'not-at-this-desk' }])
  })
})

describe('a grade given at a desk', () => {
  test('higher than the officer’s is judged anew, and nothing is due later than before', async () => {
    const id = await story.send('d-15', graded('medium'))
    const before = await story.read(id)
    const task = await story.taskOf(id, 'domestic_abuse_review')
    expect((await decide(reviewer, task, { decision: 'regrade', grade: 'high' })).status).toBe(200)
    const after = await waitFor('it is triaged again', async () => {
      const now = await story.read(id)
      return now.dispatches.some(
        (one: { service: string; kind: string }) => one.service === 'childrens_social_care' && one.kind === 'referral',
      )
        ? now
        : null
    })
    for (const one of before.dispatches) {
      const now = after.dispatches.find(({ id: known }: { id: string }) => known === one.id)
      expect(now.state).not.toBe('withdrawn')
      expect(Temporal.Instant.compare(now.dueBy, one.dueBy)).toBeLessThanOrEqual(0)
    }
    const { tasks } = (await reviewer.get('/v1/tasks')).body
    for (const one of tasks) if (one.notification === id) expect(one.victimRisk).toBe('high')
    expect(await faults()).toEqual([])
  })

  test('lower cancels nothing', async () => {
    const id = await story.send('d-16')
    const before = (await story.read(id)).dispatches.map(({ id: one }: { id: string }) => one)
    const task = await story.taskOf(id, 'domestic_abuse_review')
    await decide(reviewer, task, { decision: 'regrade', grade: 'standard' })
    await waitFor('it is looked at again', async () => (await story.read(id)).state === 'triaged')
    const after = await story.read(id)
    for (const one of before)
      expect(after.dispatches.find(({ id: known }: { id: string }) => known === one).state).not.toBe('withdrawn')
  })
})
