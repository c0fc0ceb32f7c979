import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/connection.ts'
import type { TestClient } from '../support/daymark.ts'
import { aDeskStory, type DeskStory, FORCE, graded, readTask, type TestTask } from '../support/desk-story.ts'

let story: DeskStory
let reviewer: TestClient
const ids: Record<string, string> = {}

beforeAll(async () => {
  story = await aDeskStory()
  reviewer = await story.reviewer()
  ids.standard = await story.send('w-standard', graded('standard'))
  ids.medium = await story.send('w-medium', graded('medium'))
  ids.notGraded = await story.send('w-not-graded', (body) => {
    body.riskAssessments = []
  })
  ids.high = await story.send('w-high')
})

const REVIEW = '/v1/tasks?desk=domestic_abuse_review'
const list = async (path: string, client = reviewer) => {
  const answer = await client.get(path)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  const tasks: TestTask[] = answer.body.tasks
  return { tasks, waits: answer.body.waits, next: /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1] }
}

describe('the list of a desk', () => {
  test('has the highest risk first, a victim nobody graded among them, and counts all that waits', async () => {
    const { tasks, waits } = await list(REVIEW)
    const order = tasks.map(({ victimRisk }) => victimRisk)
    expect(order.slice(0, 2).sort()).toEqual(['high', 'not_graded'])
    expect(order.slice(2)).toEqual(['medium', 'standard'])
    const [desk] = waits.filter((one: { desk: string }) => one.desk === 'domestic_abuse_review')
    expect(desk).toMatchObject({
      waiting: 4,
      overdue: 0,
      high: { waiting: 1 },
      notGraded: { waiting: 1 },
      standard: { waiting: 1 },
    })
    expect(desk.high.oldestSeconds).toBeGreaterThanOrEqual(0)
  })

  test('comes in pages, each once, in the same order', async () => {
    const whole = (await list('/v1/tasks')).tasks.map(({ id }) => id)
    const paged: string[] = []
    for (let next: string | undefined = '/v1/tasks?limit=1'; next !== undefined; ) {
      const page = await list(next)
      paged.push(...page.tasks.map(({ id }) => id))
      next = page.next
    }
    expect(paged).toEqual(whole)
    expect((await reviewer.get('/v1/tasks?cursor=nonsense')).body.errors[0].code).toBe('cursor')
    expect((await reviewer.get('/v1/tasks?limit=201')).status).toBe(400)
  })

  test('shows references alone: no question, no name', async () => {
    const answer = await reviewer.get('/v1/tasks')
    expect(JSON.stringify(answer.body)).not.toMatch(/Merrin|Quillfeather|question/)
  })

  test('shows nobody the tasks of another agency, and the desk of the directory to the operator alone', async () => {
    const other = await story.reviewer('police-hertfordshire')
    expect((await list('/v1/tasks', other)).tasks).toEqual([])
    const task = await story.taskOf(ids.high ?? '', 'domestic_abuse_review')
    for (const answer of [await readTask(other, task), await other.post(`/v1/tasks/${task}/claim`, {})])
      expect(answer.status).toBe(404)
    const operator = await story.reviewer('operator')
    const desks = new Set((await list('/v1/tasks', operator)).tasks.map(({ desk }) => desk))
    expect([...desks].filter((desk) => desk !== 'directory')).toEqual([])
    expect((await list('/v1/tasks')).tasks.every(({ desk }) => desk !== 'directory')).toBe(true)
  })

  test('is for whoever may decide, and nobody else', async () => {
    const reader = await story.daymark.client(FORCE, ['notifications:read'])
    expect((await reader.get('/v1/tasks')).body.type).toBe('urn:daymark:problem:missing-scope')
  })
})

describe('reading a task', () => {
  test('says what is asked, about whom and by which rules, and leaves a disclosure with its purpose', async () => {
    const id = await story.taskOf(ids.notGraded ?? '', 'domestic_abuse_review')
    const { status, body, headers } = await readTask(reviewer, id)
    expect(status).toBe(200)
    expect(body.questions.length).toBeGreaterThan(0)
    const unsure = body.rulings.find(({ result }: { result: string }) => result === 'cannot_tell')
    expect(unsure.findings.some(({ verdict }: { verdict: string }) => verdict === 'unknown')).toBe(true)
    expect(unsure.cites.section.length).toBeGreaterThan(2)
    expect(body.people.map(({ givenNames }: { givenNames: string }) => givenNames)).toContain('Merrin')
    const [event] = await story.events(ids.notGraded ?? '', 'task disclosed')
    expect(event).toMatchObject({ task: id, detail: { purpose: 'to decide it' } })
    expect(headers.get('etag')).toBe(`"${event.detail.saw}"`)
  })

  test('without a purpose is refused', async () => {
    const id = await story.taskOf(ids.high ?? '', 'domestic_abuse_review')
    const answer = await reviewer.get(`/v1/tasks/${id}`)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].code).toBe('purpose-required')
  })
})

describe('a claim', () => {
  test('keeps others out and says until when but not who, is renewed by whoever has it, and given back', async () => {
    const id = await story.taskOf(ids.standard ?? '', 'domestic_abuse_review')
    const other = await story.reviewer()
    const first = await reviewer.post(`/v1/tasks/${id}/claim`, {})
    expect(first.status, JSON.stringify(first.body)).toBe(200)
    const refused = await other.post(`/v1/tasks/${id}/claim`, {})
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:task-is-anothers' } })
    expect(JSON.stringify(refused.body)).not.toContain(first.body.claimedBy)
    expect((await other.post(`/v1/tasks/${id}/release`, {})).status).toBe(409)
    const renewed = await reviewer.post(`/v1/tasks/${id}/claim`, { minutes: 60 })
    expect(renewed.body.fence).toBe(first.body.fence)
    expect(Temporal.Instant.compare(renewed.body.claimedUntil, first.body.claimedUntil)).toBe(1)
    expect((await list(`${REVIEW}&state=claimed`)).tasks.map((task) => task.id)).toEqual([id])
    for (const _ of [1, 2]) expect((await reviewer.post(`/v1/tasks/${id}/release`, {})).status).toBe(200)
    expect((await other.post(`/v1/tasks/${id}/claim`, {})).body.fence).toBe(first.body.fence + 1)
    const kinds = ['task claimed', 'task claim renewed', 'task released']
    expect((await Promise.all(kinds.map((kind) => story.events(ids.standard ?? '', kind)))).map(({ length }) => length)).toEqual([
      2, 1, 1,
    ])
  })

  test('that has ended is anybody’s, whether or not the due loop has come by', async () => {
    const id = await story.taskOf(ids.notGraded ?? '', 'domestic_abuse_review')
    const other = await story.reviewer()
    const mine = await reviewer.post(`/v1/tasks/${id}/claim`, { minutes: 1 })
    const database = openDatabase(story.daymark.databaseUrl, null, 1)
    await database.query(`update task set claimed_until = claimed_until - interval '2 minutes' where id = $1`, [id])
    await database.close()
    expect((await readTask(reviewer, id)).body).toMatchObject({ state: 'open', claimedBy: null, yours: false })
    expect((await other.post(`/v1/tasks/${id}/claim`, {})).body.fence).toBe(mine.body.fence + 1)
    expect(await story.events(ids.notGraded ?? '', 'task claim lapsed')).toMatchObject([
      { actor: 'system', detail: { claimedBy: mine.body.claimedBy } },
    ])
  })

  test('of many at once is one person’s', async () => {
    const id = await story.taskOf(ids.medium ?? '', 'domestic_abuse_review')
    const people = await Promise.all(Array.from({ length: 12 }, () => story.reviewer()))
    const answers = await Promise.all(people.map((person) => person.post(`/v1/tasks/${id}/claim`, {})))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 11 }, () => 409)])
  })
})
