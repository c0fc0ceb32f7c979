import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/connection.ts'
import { openDataKey, readKeyRing } from '../../src/database/sealing.ts'
import { openTasks } from '../../src/delivery/task-store.ts'
import { aChangeStory, type ChangeStory } from '../support/changed-notification.ts'
import type { TestClient } from '../support/daymark.ts'
import { aDeskStory, type DeskStory, graded, RATIONALE, readTask, type TestTask } from '../support/desk-story.ts'
import { waitFor } from '../support/wait-for.ts'

let story: DeskStory
let changes: ChangeStory
let reviewer: TestClient
let directory: TestClient

beforeAll(async () => {
  story = await aDeskStory()
  changes = await aChangeStory(story.daymark, story.operator)
  reviewer = await story.reviewer()
  directory = await story.reviewer('operator')
})

const decide = async (client: TestClient, id: string, body: Record<string, unknown>) => {
  const answer = await client.post(`/v1/tasks/${id}/decision`, { rationale: RATIONALE, ...body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}
const reviewOf = (id: string) => story.taskOf(id, 'domestic_abuse_review')
const open = async (notification: string, desk: string): Promise<TestTask[]> =>
  (await story.read(notification)).tasks.filter((one: TestTask) => one.desk === desk && one.state !== 'decided')

/** As something that decides it changes: an earlier incident, a register. */
async function triageAgain(id: string) {
  const database = openDatabase(story.daymark.databaseUrl, null, 1)
  const [before] = await database.query<{ triaged_at: Temporal.Instant }>('select triaged_at from notification where id = $1', [
    id,
  ])
  await database.query('update notification set next_at = triaged_at where id = $1', [id])
  await waitFor('it is triaged again', async () => {
    const [row] = await database.query<{ triaged_at: Temporal.Instant; next_at: Temporal.Instant | null }>(
      'select triaged_at, next_at from notification where id = $1',
      [id],
    )
    return row && before && row.next_at === null && Temporal.Instant.compare(row.triaged_at, before.triaged_at) > 0
  })
  await database.close()
}

describe('triaged again', () => {
  test('with the same facts nothing decided is asked again, and nothing decided is taken back', async () => {
    const id = await story.send('s-1', graded('standard'))
    const task = await reviewOf(id)
    const { dispatches } = await decide(reviewer, task, { decision: 'refer', services: ['marac'] })
    await triageAgain(id)
    // Nobody collects here, and that its half time has passed is asked about by itself.
    const { tasks }: { tasks: { desk: string; state: string; question: string }[] } = await story.read(id)
    const again = tasks.filter(
      ({ desk, state, question }) =>
        desk === 'domestic_abuse_review' && state !== 'decided' && !question.includes('has not collected'),
    )
    expect(again).toEqual([])
    const marac = (await story.read(id)).dispatches.find((one: { id: string }) => one.id === dispatches[0].id)
    expect(marac.state).toBe('released')
  })

  test('a newer version that says something else is asked about anew', async () => {
    const first = await changes.send('s-2', graded('standard'))
    await decide(reviewer, await reviewOf(first), { decision: 'no_further_action' })
    const second = await changes.change(first, 's-2', 2, (body) => {
      graded('standard')(body)
      body.incident.summary = 'A second caller heard more.'
    })
    expect(await open(second, 'domestic_abuse_review')).toHaveLength(1)
  })
})

describe('a newer version', () => {
  const other = (body: { riskAssessments: unknown[]; people: { givenNames: string }[] }) => {
    graded('standard')(body)
    const [victim] = body.people
    if (victim) victim.givenNames = 'Tamsyn'
  }

  test('corrects whom a person had told, and takes nothing back from them', async () => {
    const first = await changes.send('s-3', graded('standard'))
    await decide(reviewer, await reviewOf(first), { decision: 'refer', services: ['marac', 'idva'] })
    const [told] = await changes.collect('marac-derby')
    expect(told?.kind).toBe('referral')
    const second = await changes.change(first, 's-3', 2, other)
    const kinds = (await changes.read(second)).dispatches.map(({ service, kind, state }) => `${service} ${kind} ${state}`)
    expect(kinds.some((one) => one.startsWith('marac correction'))).toBe(true)
    expect(kinds.some((one) => one.startsWith('idva referral'))).toBe(true)
    expect(kinds.filter((one) => one.includes('recall'))).toEqual([])
    expect(await changes.faults()).toEqual([])
  })

  test('is what is told where somebody decides an older one’s task, by its own names for the people', async () => {
    const first = await changes.send('s-4', graded('standard'))
    const task = await reviewOf(first)
    await reviewer.post(`/v1/tasks/${task}/claim`, {})
    const second = await changes.change(first, 's-4', 2, other)
    const answer = await decide(reviewer, task, { decision: 'refer', services: ['marac'] })
    expect(answer.dispatches).toHaveLength(1)
    expect((await changes.read(second)).dispatches.map(({ id }) => id)).toContain(answer.dispatches[0].id)
    expect(await changes.faults()).toEqual([])
  })
})

test('of a withdrawn notification nobody is told any more', async () => {
  const id = await changes.send('s-5', graded('standard'))
  const task = await reviewOf(id)
  expect((await story.police.post(`/v1/notifications/${id}/withdrawal`, { reason: 'Sent in error.' })).status).toBe(202)
  const answer = await reviewer.post(`/v1/tasks/${task}/decision`, {
    decision: 'refer',
    services: ['marac'],
    rationale: RATIONALE,
  })
  expect(answer.status).toBe(409)
  expect(['urn:daymark:problem:notification-withdrawn', 'urn:daymark:problem:task-decided']).toContain(answer.body.type)
  await waitFor('its tasks are closed', async () => (await changes.read(id)).tasks.every(({ state }) => state === 'decided'))
  expect((await changes.read(id)).dispatches.map(({ service }) => service)).not.toContain('marac')
})

describe('the directory’s desk', () => {
  test('confirms a school, and it is told at once on its own clock', async () => {
    const id = await story.send('s-6', (body) => {
      body.people[2].education = { status: 'on_roll', urns: [], establishmentName: 'Foxglove Acadamy' }
    })
    const task = await story.taskOf(id, 'directory')
    const shown = (await readTask(directory, task)).body
    expect(shown.people.find(({ ref }: { ref: string }) => ref === 'c1')).toMatchObject({ role: null, givenNames: 'Merrin' })
    const body = { decision: 'notify', services: ['education_setting'], recipientId: 'school-900102' }
    const { dispatches } = await decide(directory, task, body)
    expect(dispatches).toMatchObject([{ kind: 'alert', recipientId: 'school-900102', about: ['c1'], state: 'released' }])
    expect(Temporal.Instant.from(dispatches[0].dueBy).toString()).toBe('2026-10-15T07:45:00Z')
    expect(await changes.faults()).toEqual([])
  })

  test('that has mended what was missing has it tried again at once', async () => {
    const id = await story.send('s-7', (body) => {
      body.people[2].education = { status: 'on_roll', urns: ['900870'] }
    })
    const task = await story.taskOf(id, 'directory')
    await directory.post(`/v1/tasks/${task}/claim`, {})
    const school = { service: 'education_setting', name: 'Bramblewick School', urn: '900870', channel: { kind: 'pull_queue' } }
    expect((await story.operator.put('/v1/directory/recipients/school-900870', school)).status).toBe(201)
    await decide(directory, task, { decision: 'resolve' })
    await waitFor('the school is told', async () =>
      (await story.read(id)).dispatches.some((one: { recipient: { id: string } }) => one.recipient.id === 'school-900870'),
    )
  })

  test('that says it is mended when nothing is, is asked again, and one person has closed nothing', async () => {
    const id = await story.send('s-10', (body) => {
      body.people[2].education = { status: 'on_roll', urns: ['900871'] }
    })
    const task = await story.taskOf(id, 'directory')
    await decide(directory, task, { decision: 'resolve' })
    const again = await waitFor('it is asked again', async () => (await open(id, 'directory'))[0])
    expect(again.id).not.toBe(task)
    const school = { service: 'education_setting', name: 'Fernhollow School', urn: '900871', channel: { kind: 'pull_queue' } }
    expect((await story.operator.put('/v1/directory/recipients/school-900871', school)).status).toBe(201)
    await waitFor('the school is told', async () =>
      (await story.read(id)).dispatches.some((one: { recipient: { id: string } }) => one.recipient.id === 'school-900871'),
    )
  })

  test('that finds whom somebody decided to tell has them told, once', async () => {
    const id = await story.send('s-11', graded('standard'))
    const answer = await decide(reviewer, await reviewOf(id), { decision: 'refer', services: ['specialist_support'] })
    expect(answer).toMatchObject({ dispatches: [], notDispatched: [{ service: 'specialist_support' }] })
    const support = {
      service: 'specialist_support',
      name: 'Lantern Support',
      authorities: ['E06000015'],
      channel: { kind: 'pull_queue' },
    }
    expect((await story.operator.put('/v1/directory/recipients/support-derby', support)).status).toBe(201)
    const told = async () =>
      (await story.read(id)).dispatches.filter((one: { service: string }) => one.service === 'specialist_support')
    await waitFor('they are told', async () => (await told()).length > 0)
    await triageAgain(id)
    expect(await told()).toMatchObject([
      { kind: 'referral', recipient: { id: 'support-derby' }, rules: [expect.stringContaining('decision:')] },
    ])
    expect(await changes.faults()).toEqual([])
  })

  test('has whoever gave it back told once more where that is what it decides', async () => {
    const id = await story.send('s-8')
    const school = await story.daymark.client('school-900101', ['dispatches:collect'])
    const [alert] = (
      await school.post('/v1/queues/school-900101/collect', { max: 100, leaseSeconds: 60 })
    ).body.dispatches.filter((one: { content: { policeReference: string } }) => one.content.policeReference === 's-8')
    expect((await school.post(`/v1/dispatches/${alert.id}/return`, { reason: 'wrong_child' })).status).toBe(200)
    const task = await waitFor('a person is asked', async () => (await open(id, 'directory'))[0]?.id)
    const body = { decision: 'notify', services: ['education_setting'], recipientId: 'school-900101' }
    const { dispatches } = await decide(directory, task, body)
    expect(dispatches).toMatchObject([{ recipientId: 'school-900101', state: 'released' }])
    expect(dispatches[0].id).not.toBe(alert.id)
  })
})

test('a procedure that asks for a supervisor gets one, whatever the risk', async () => {
  const id = await story.send('s-9', graded('standard'))
  const worker = openDatabase(story.daymark.databaseUrl, 'daymark_worker', 1)
  const [key] = await worker.query<{ wrapped: Buffer; wrapped_by: string }>(
    'select wrapped, wrapped_by from data_key where notification_id = $1',
    [id],
  )
  if (!key) throw new Error('no key')
  const ring = readKeyRing(story.daymark.settings.DAYMARK_KEYS ?? '')
  const dataKey = openDataKey(ring, id, { wrapped: key.wrapped, wrappedBy: key.wrapped_by })
  const at = Temporal.Instant.from('2026-10-14T23:00:00Z')
  const question = {
    question: 'May the school be left out?',
    about: ['c1'],
    rules: [],
    secondPerson: { supervisorFor: ['resolve' as const] },
  }
  const [opened] = await worker.kysely.transaction().execute((trx) =>
    openTasks(
      trx,
      [
        {
          notification: { id: `ntf_${id.slice(4)}`, dataKey },
          desk: 'pitstop',
          agency: 'police-derbyshire',
          victimRisk: 'standard',
          questions: [question],
          dueBy: at,
        },
      ],
      at,
    ),
  )
  await worker.close()
  const task = opened?.id ?? ''
  const supervisor = await story.reviewer('police-derbyshire', ['desk:supervise'])
  expect(await decide(reviewer, task, { decision: 'resolve' })).toMatchObject({
    state: 'open',
    needs: 'A supervisor must decide the same.',
  })
  const another = await story.reviewer()
  // Two who are none do not make one.
  expect(await decide(another, task, { decision: 'resolve' })).toMatchObject({
    state: 'open',
    needs: 'A supervisor must decide the same.',
  })
  expect(await decide(supervisor, task, { decision: 'resolve' })).toMatchObject({ state: 'decided' })
})
