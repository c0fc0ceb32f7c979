import { beforeAll, expect, test } from 'vitest'
import { aClient, type TestClient } from '../support/daymark.ts'
import { aDeskStory, type DeskStory, FORCE, graded, RATIONALE } from '../support/desk-story.ts'
import { type DaymarkProcess, startServe } from '../support/processes.ts'

const DECIDERS = 12
let story: DeskStory
let processes: DaymarkProcess[]

beforeAll(async () => {
  story = await aDeskStory()
  // Each on a port of its own.
  const { PORT: _, ...settings } = story.daymark.settings
  processes = await Promise.all([startServe(settings), startServe(settings)])
}, 60_000)

const at = (process: DaymarkProcess, agency = FORCE): Promise<TestClient> =>
  aClient(process.url, story.daymark.databaseUrl, agency, ['desk:decide'])

test('people at two processes decide one task once, and whom it tells is told once', async () => {
  const id = await story.send('two-processes', graded('standard'))
  const task = await story.taskOf(id, 'domestic_abuse_review')
  const people = await Promise.all(Array.from({ length: DECIDERS / 2 }, () => processes.map((process) => at(process))).flat())
  const body = { decision: 'refer', services: ['marac'], rationale: RATIONALE }
  const answers = await Promise.all(people.map((person) => person.post(`/v1/tasks/${task}/decision`, body)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: DECIDERS - 1 }, () => 409)])
  const { dispatches } = await story.read(id)
  expect(dispatches.filter(({ service }: { service: string }) => service === 'marac')).toHaveLength(1)
  expect(await story.events(id, 'task decided')).toHaveLength(1)
})

test('a process killed while people decide leaves each task decided whole or not at all, and sent again it stands', async () => {
  const [killed] = processes
  if (!killed) throw new Error('no process')
  const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => story.send(`killed-${index}`, graded('standard'))))
  const tasks = await Promise.all(ids.map((id) => story.taskOf(id, 'domestic_abuse_review')))
  const person = await at(killed)
  const body = { decision: 'refer', services: ['marac'], rationale: RATIONALE }
  const sent = tasks.map((task) => person.post(`/v1/tasks/${task}/decision`, body).catch(() => null))
  await sent[0]
  await killed.kill9()
  await Promise.all(sent)
  await killed.restart()
  for (const [index, task] of tasks.entries()) {
    const again = await person.post(`/v1/tasks/${task}/decision`, body)
    expect(again.status, JSON.stringify(again.body)).toBe(200)
    const { dispatches } = await story.read(ids[index] ?? '')
    expect(dispatches.filter(({ service }: { service: string }) => service === 'marac')).toHaveLength(1)
    expect(await story.events(ids[index] ?? '', 'task decided')).toHaveLength(1)
  }
  expect((await story.operator.get('/v1/audit/completeness')).body.faults).toEqual([])
}, 60_000)
