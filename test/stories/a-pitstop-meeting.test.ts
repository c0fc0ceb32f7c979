import { beforeAll, describe, expect, test } from 'vitest'
import type { TestClient } from '../support/daymark.ts'
import { aDeskStory, type DeskStory, graded, RATIONALE, READING } from '../support/desk-story.ts'

let story: DeskStory
let chair: TestClient
const tasks: string[] = []
const LIST = '/v1/pitstop/list?date=2026-10-15'

beforeAll(async () => {
  story = await aDeskStory()
  chair = await story.reviewer()
  for (const [reference, grade] of [
    ['m-1', 'standard'],
    ['m-2', 'high'],
    ['m-3', 'medium'],
  ]) {
    const id = await story.send(reference ?? '', graded(grade ?? ''))
    const review = await story.taskOf(id, 'domestic_abuse_review')
    const answer = await chair.post(`/v1/tasks/${review}/decision`, { decision: 'pitstop', rationale: RATIONALE })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    tasks.push(answer.body.movedTo)
  }
})

describe('the list of a meeting', () => {
  test('has every open question, the most urgent first, and leaves a disclosure of each', async () => {
    const { status, body } = await chair.get(LIST, READING)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.entries.map(({ task }: { task: { victimRisk: string } }) => task.victimRisk)).toEqual([
      'high',
      'medium',
      'standard',
    ])
    expect(body.entries[0].people.map(({ givenNames }: { givenNames: string }) => givenNames)).toContain('Merrin')
    expect(body.entries[0].questions.length).toBeGreaterThan(0)
    const disclosed = await story.events(body.entries[0].task.notification, 'task disclosed')
    expect(disclosed).toMatchObject([{ task: tasks[1], detail: { purpose: 'to decide it', list: '2026-10-15' } }])
    expect((await chair.get(LIST)).body.errors[0].code).toBe('purpose-required')
    expect((await chair.get('/v1/pitstop/list?date=2026-10-13', READING)).body.entries).toEqual([])
  })

  test('is a table to print where that is asked for', async () => {
    const { headers, body } = await chair.get(LIST, { ...READING, accept: 'text/csv' })
    expect(headers.get('content-type')).toMatch(/^text\/csv/)
    const [head, first] = body.split('\n')
    expect(head).toMatch(/^task,policeReference,victimRisk/)
    expect(first).toContain('m-2')
  })

  test('is a page to print, and a disclosure that says so', async () => {
    const { status, headers, body } = await chair.get('/pitstop?date=2026-10-15')
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' })
    expect(body).toContain('m-2')
    expect(body).toContain('Merrin')
    const [high = ''] = (await chair.get('/v1/tasks?desk=pitstop')).body.tasks.map(
      (one: { notification: string }) => one.notification,
    )
    const purposes = (await story.events(high, 'task disclosed')).map(({ detail }) => detail.purpose)
    expect(purposes).toContain('pitstop meeting, printed')
    const social = await story.daymark.client('csc-E06000015', ['dispatches:collect'])
    expect((await social.get('/pitstop?date=2026-10-15')).status).toBe(403)
  })

  test('is the force’s own', async () => {
    const other = await story.reviewer('police-hertfordshire')
    expect((await other.get(LIST, READING)).body.entries).toEqual([])
  })
})

test('outcomes recorded in one sitting stand each by itself, and sent again are answered the same', async () => {
  const [standard = '', high = '', medium = ''] = tasks
  const decisions = [
    { taskId: standard, decision: 'refer', services: ['marac'], rationale: RATIONALE },
    { taskId: high, decision: 'no_further_action', rationale: RATIONALE },
    { taskId: medium, decision: 'refer', rationale: RATIONALE },
    { taskId: 'tsk_nobody', decision: 'resolve', rationale: RATIONALE },
  ]
  const first = await chair.post('/v1/pitstop/decisions', { decisions })
  expect(first.status, JSON.stringify(first.body)).toBe(200)
  expect(first.body.decisions.map(({ status }: { status: number }) => status)).toEqual([200, 200, 400, 404])
  const [referred, proposed, faulty] = first.body.decisions
  expect(referred.decided.dispatches).toMatchObject([{ service: 'marac' }])
  expect(proposed.decided).toMatchObject({ state: 'open', proposed: { decision: 'no_further_action' } })
  expect(faulty.problem.errors).toMatchObject([{ pointer: '/services', code: 'missing' }])
  const again = await chair.post('/v1/pitstop/decisions', { decisions: decisions.slice(0, 1) })
  expect(again.body.decisions[0]).toEqual(referred)
})

test('what waits on desks is counted for the operator’s dashboards', async () => {
  const { body } = await chair.get('/metrics')
  expect(body).toMatch(/daymark_tasks\{desk="pitstop",risk="high",overdue="false"\} 1/)
})
