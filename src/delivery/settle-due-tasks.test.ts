import { beforeAll, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { settleDueTasks } from './settle-due-tasks.ts'

const START = '2026-03-06T21:10:00Z'
let rig: DeliveryRig

beforeAll(async () => {
  rig = await aDeliveryRig()
  const at = Temporal.Instant.from(START)
  await rig.addRecipient(
    { id: 'police-cp', channel: { kind: 'pull_queue' }, service: 'police_child_protection', agency: FORCE },
    at,
  )
})

const clock = aClock(START)
const settle = () => settleDueTasks(rig.due(), clock.now(), 500)
const aTask = (victimRisk: string) => {
  const questions = [{ question: 'Which?', about: [], rules: [] }]
  const tasks = [{ desk: 'pitstop' as const, questions, dueBy: clock.now().add({ hours: 1 }) }]
  return rig.store([], { at: clock.now(), victimRisk, plan: { tasks } })
}
const eventsOf = async (stream: string) =>
  (await rig.events(stream)).map(({ kind, body }) => {
    const { detail }: { detail: { rings?: number; rung?: string } } = JSON.parse(body)
    return `${kind} ${detail.rings ?? ''} ${detail.rung ?? ''}`.trim()
  })
const promptsOf = (notification: string) =>
  rig.worker.query<{ why: string; recipient_id: string; role: string; urgency: string }>(
    'select why, prompt.recipient_id, role, urgency from prompt join task on task.id = task_id where notification_id = $1 order by prompt.opened_at',
    [notification],
  )

test('an overdue task rings the area’s duty contact, and again until somebody decides', async () => {
  const { notification } = await aTask('high')
  clock.moveBy({ hours: 1 })
  await settle()
  await settle()
  clock.moveBy({ minutes: 59 })
  await settle()
  clock.moveBy({ minutes: 1 })
  await settle()
  expect(await eventsOf(notification)).toEqual(['task opened', 'task overdue 1 police-cp', 'task still overdue 2 police-cp'])
  const asked = { why: 'task overdue', recipient_id: 'police-cp', role: 'duty', urgency: 'now' }
  expect(await promptsOf(notification)).toEqual([asked, asked])
  await rig.worker.query(
    `update task set state = 'decided', next_at = null, decided_at = $2 where notification_id = $1 and state <> 'decided'`,
    [notification, clock.now()],
  )
  clock.moveBy({ hours: 48 })
  await settle()
  expect(await promptsOf(notification)).toHaveLength(2)
})

test('two processes that look at the same moment ring once', async () => {
  const { notification } = await aTask('standard')
  clock.moveBy({ hours: 1 })
  await Promise.all([settle(), settle(), settle()])
  expect(await promptsOf(notification)).toMatchObject([{ urgency: 'today' }])
  expect(await eventsOf(notification)).toEqual(['task opened', 'task overdue 1 police-cp'])
})

test('a claim that has ended puts the task back, once, and says so', async () => {
  const { notification } = await aTask('standard')
  await rig.worker.query(
    `update task set state = 'claimed', claimed_by = 'cli_1', claimed_until = $2::timestamptz, next_at = $2::timestamptz where notification_id = $1`,
    [notification, clock.now().add({ minutes: 30 })],
  )
  clock.moveBy({ minutes: 30 })
  await settle()
  await settle()
  expect(await eventsOf(notification)).toEqual(['task opened', 'task claim lapsed'])
  const [task] = await rig.worker.query('select state, claimed_by, overdue from task where notification_id = $1', [notification])
  expect(task).toEqual({ state: 'open', claimed_by: null, overdue: false })
})
