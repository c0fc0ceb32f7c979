import { beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { openDataKey, openJson } from '../database/sealing.ts'
import type { TaskQuestion } from '../words/dispatch.ts'
import { settleDueDispatches } from './settle-due.ts'
import { settleDueTasks } from './settle-due-tasks.ts'

const START = '2026-03-06T21:10:00Z'
let rig: DeliveryRig

beforeAll(async () => {
  rig = await aDeliveryRig()
  const at = Temporal.Instant.from(START)
  await rig.addRecipient({ id: 'school', channel: { kind: 'webhook', url: 'https://school.example/' } }, at)
  await rig.addRecipient({ id: 'council', channel: { kind: 'pull_queue' } }, at)
  await rig.addRecipient({ id: 'clinic', channel: { kind: 'email', address: 'clinic@clinic.example' } }, at)
})

const kindsOf = async (stream: string) => (await rig.events(stream)).map(({ kind }) => kind)
const settleAt = (at: Temporal.Instant) => settleDueDispatches(rig.due(), at, 500)

interface TaskRow {
  id: string
  desk: string
  agency: string
  due_by: Temporal.Instant
  overdue: boolean
  questions: Buffer
}
const tasksOf = (notification: string) =>
  rig.worker.query<TaskRow & Record<string, unknown>>(
    'select id, desk, agency, due_by, overdue, questions from task where notification_id = $1 order by desk',
    [notification],
  )

type Asked = Pick<TaskRow, 'id' | 'questions'>

const questionsOf = (notification: string, task: Asked) =>
  sealedBy('select wrapped, wrapped_by from data_key where notification_id = $1', notification, task)

/** Of a task about a recipient: sealed with that recipient's own key. */
const upkeepQuestions = (recipient: string, task: Asked) =>
  sealedBy('select data_key as wrapped, wrapped_by from recipient where id = $1', recipient, task)

async function sealedBy(keyOf: string, owner: string, task: Asked): Promise<string[]> {
  const [key] = await rig.worker.query<{ wrapped: Buffer; wrapped_by: string }>(keyOf, [owner])
  if (!key) throw new Error('no key')
  const dataKey = openDataKey(rig.keys.ring, owner, { wrapped: key.wrapped, wrappedBy: key.wrapped_by })
  return openJson<TaskQuestion[]>(dataKey, `task.questions|${task.id}`, task.questions).map(({ question }) => question)
}

describe('a stored plan', () => {
  test('stored again changes nothing', async () => {
    const clock = aClock(START)
    const planned = { recipientId: 'council', service: 'childrens_social_care', kind: 'referral' } as const
    const { notification, ids } = await rig.store([planned, planned], { at: clock.now() })
    expect(ids).toHaveLength(1)
    expect(await kindsOf(notification)).toEqual(['dispatch released'])
  })

  test('keeps what is said sealed, and proves it by an HMAC in its event', async () => {
    const { notification } = await rig.store([{ recipientId: 'school' }], { at: aClock(START).now() })
    const rows = await rig.worker.query<{ row: string; hmac: Buffer }>(
      `select d::text as row, content_hmac as hmac from dispatch d where notification_id = $1`,
      [notification],
    )
    expect(rows[0]?.row).not.toContain('Merrin')
    expect((await rig.events(notification))[0]?.body).toContain(rows[0]?.hmac.toString('base64url'))
  })

  test('waits for its release', async () => {
    const clock = aClock(START)
    const releaseAt = clock.now().add({ hours: 1 })
    const { notification, ids, ring } = await rig.store([{ recipientId: 'school', releaseAt }], { at: clock.now() })
    expect(ring).toEqual([])
    expect((await settleAt(releaseAt.subtract({ seconds: 1 }))).ids).not.toContain(ids[0])
    expect((await settleAt(releaseAt)).ids).toContain(ids[0])
    expect(await kindsOf(notification)).toEqual(['dispatch planned', 'dispatch released'])
  })

  test('for a recipient with only an email address is rung for as for a webhook', async () => {
    const { notification, ids, ring } = await rig.store([{ recipientId: 'clinic' }], { at: aClock(START).now() })
    expect(ring).toEqual(ids)
    expect(await tasksOf(notification)).toEqual([])
  })

  test('has one task a desk: a later question joins it, and the earlier deadline wins', async () => {
    const at = aClock(START).now()
    const ask = (question: string, hours: number) => ({
      desk: 'pitstop' as const,
      questions: [{ question, about: ['c1'], rules: ['r'] }],
      dueBy: at.add({ hours }),
    })
    const tasks = [ask('Is this a repeat?', 72), ask('Who lives there?', 24), ask('Is this a repeat?', 48)]
    const { notification } = await rig.store([], { at, plan: { tasks } })
    const [task, ...others] = await tasksOf(notification)
    if (!task) throw new Error('no task')
    expect(others).toEqual([])
    expect(task).toMatchObject({ agency: FORCE, due_by: at.add({ hours: 24 }) })
    expect(await questionsOf(notification, task)).toEqual(['Is this a repeat?', 'Who lives there?'])
  })

  test('asks the directory once about a recipient, however many notifications find the fault', async () => {
    const at = aClock(START).now()
    const upkeep = [{ recipientId: 'school', question: 'On which days is it open?' }]
    for (const _ of [1, 2, 3]) await rig.store([], { at, plan: { upkeep } })
    const more = [{ recipientId: 'school', question: 'Who is its key adult?' }]
    await rig.store([], { at, plan: { upkeep: [...upkeep, ...more] } })
    const tasks = await rig.worker.query('select id from task where recipient_id = $1 and notification_id is null', ['school'])
    expect(tasks).toHaveLength(1)
    expect(await kindsOf('recipient:school')).toEqual(['task opened', 'task question added'])
  })

  test('says why somebody due is not told', async () => {
    const reason = 'no recipient in the directory' as const
    const notDispatched = [{ service: 'health' as const, about: ['c1'], rule: 'health-hears', reason }]
    const { notification } = await rig.store([], { at: aClock(START).now(), plan: { notDispatched } })
    expect((await rig.events(notification))[0]).toMatchObject({ kind: 'not dispatched' })
  })
})

describe('as time passes', () => {
  test('a school that became a pull queue can collect what was to be pushed, and the other way round', async () => {
    const clock = aClock(START)
    const channelOf = async (id: string | undefined) =>
      (await rig.worker.query<{ channel: string }>('select channel from dispatch where id = $1', [id]))[0]?.channel
    await rig.addRecipient({ id: 'moving', channel: { kind: 'webhook', url: 'https://moving.example/' } }, clock.now())
    const { ids } = await rig.store([{ recipientId: 'moving' }], { at: clock.now() })
    await rig.worker.query(`update recipient set channel = 'pull_queue', url = null where id = 'moving'`, [])
    clock.moveBy({ seconds: 5 })
    expect((await settleAt(clock.now())).unanswered).not.toContain(ids[0])
    expect(await channelOf(ids[0])).toBe('pull_queue')
    await rig.worker.query(`update recipient set channel = 'webhook', url = 'https://moving.example/' where id = 'moving'`, [])
    clock.moveBy({ hours: 12 })
    expect((await settleAt(clock.now())).ids).toContain(ids[0])
    expect(await channelOf(ids[0])).toBe('webhook')
  })

  test('a dispatch nobody acknowledges is telephoned about, then overdue, and looked at every day', async () => {
    const clock = aClock(START)
    const { notification, ids } = await rig.store([{ recipientId: 'council', service: 'childrens_social_care' }], {
      at: clock.now(),
    })
    clock.moveBy({ hours: 9 }) // three quarters of twelve hours
    await settleAt(clock.now())
    expect(await kindsOf(notification)).toEqual(['dispatch released', 'dispatch escalated', 'task opened'])
    clock.moveBy({ hours: 3 })
    await settleAt(clock.now())
    expect(await kindsOf(notification)).toEqual([
      'dispatch released',
      'dispatch escalated',
      'task opened',
      'dispatch overdue',
      'task question added',
    ])
    const [task] = await tasksOf(notification)
    if (!task) throw new Error('no task')
    expect(await questionsOf(notification, task)).toHaveLength(2)
    const [row] = await rig.worker.query('select overdue, next_at, state from dispatch where id = $1', [ids[0]])
    expect(row).toEqual({ overdue: true, next_at: clock.now().add({ hours: 24 }), state: 'released' })
    clock.moveBy({ hours: 24 })
    await settleAt(clock.now())
    expect(await kindsOf(notification)).toHaveLength(5)
  })

  test('a task nobody decides is overdue once, is asked about again, and the directory is asked for a duty contact where it knows none', async () => {
    const clock = aClock(START)
    const tasks = [
      { desk: 'mash' as const, questions: [{ question: 'Which?', about: [], rules: [] }], dueBy: clock.now().add({ hours: 1 }) },
    ]
    const { notification } = await rig.store([], { at: clock.now(), plan: { tasks } })
    clock.moveBy({ hours: 1 })
    await settleDueTasks(rig.due(), clock.now(), 500)
    clock.moveBy({ hours: 24 })
    await settleDueTasks(rig.due(), clock.now(), 500)
    const kinds = ['task opened', 'task overdue', 'task opened', 'task overdue', 'task still overdue']
    expect(await kindsOf(notification)).toEqual(kinds)
    const desks = (await tasksOf(notification)).map(({ desk, overdue }) => `${desk} ${overdue}`)
    expect(desks.sort()).toEqual(['directory true', 'mash true'])
  })

  test('a data key that cannot be opened stops nobody else from being told', async () => {
    const clock = aClock(START)
    const stored = []
    for (const _ of [1, 2, 3]) stored.push(await rig.store([{ recipientId: 'council' }], { at: clock.now() }))
    const [damaged, ...others] = stored.map(({ notification }) => notification)
    await rig.worker.query(`update data_key set wrapped = wrapped || '\\x00' where notification_id = $1`, [damaged])
    clock.moveBy({ hours: 12 })
    const faults: unknown[] = []
    await settleDueDispatches(
      rig.due((fault) => faults.push(fault)),
      clock.now(),
      500,
    )
    expect(faults).toMatchObject([{ code: damaged }])
    for (const other of others) expect(await kindsOf(other)).toContain('task opened')
    // Nothing can seal a question with that key: the recipient's own seals one that names nobody, on the dispatch's own clock.
    const standIns = await rig.worker.query<{ id: string; questions: Buffer; due_by: Temporal.Instant }>(
      `select t.id, t.questions, t.due_by from task t where t.recipient_id = 'council' and t.notification_id is null`,
      [],
    )
    expect(standIns).toMatchObject([{ due_by: clock.now() }])
    const [standIn] = standIns
    const asked = standIn ? await upkeepQuestions('council', standIn) : []
    expect(asked.join()).toContain(`${stored[0]?.ids[0]} of ${damaged}, which cannot be opened here`)
    expect(asked.join()).toContain('Recipient council has not acknowledged in time. Ring it now')
    expect(await kindsOf(damaged ?? '')).toEqual([
      'dispatch released',
      'dispatch escalated',
      'dispatch escalated',
      'dispatch overdue',
    ])
  })

  test('a task whose questions are damaged is still asked what is to be asked now, and says that there was more', async () => {
    const clock = aClock(START)
    const { notification } = await rig.store([{ recipientId: 'council' }], { at: clock.now() })
    clock.moveBy({ hours: 11 })
    await settleAt(clock.now())
    await rig.worker.query(`update task set questions = questions || '\\x00' where notification_id = $1`, [notification])
    clock.moveBy({ hours: 1 })
    await settleAt(clock.now())
    const [task] = await tasksOf(notification)
    if (!task) throw new Error('no task')
    expect(await questionsOf(notification, task)).toEqual([
      'What was asked here before cannot be read any more. Read the notification again.',
      'Recipient council has not acknowledged in time. Ring it now, and find out why.',
    ])
  })

  test('a dispatch that cannot be settled is put off, and every child behind it is told', async () => {
    const clock = aClock(START)
    const bad = await rig.store([{ recipientId: 'school', dueBy: clock.now().add({ hours: 1 }) }], { at: clock.now() })
    const good = await rig.store([{ recipientId: 'school', dueBy: clock.now().add({ hours: 2 }) }], { at: clock.now() })
    await rig.refuseEventsOf(bad.notification)
    clock.moveBy({ hours: 2 })
    const faults: unknown[] = []
    const room = rig.due((fault) => faults.push(fault))
    const { ids, unanswered } = await settleDueDispatches(room, clock.now(), 2)
    expect([...ids, ...unanswered]).toEqual([good.ids[0]])
    expect(await kindsOf(good.notification)).toContain('dispatch overdue')
    expect(faults.at(-1)).toMatchObject({ code: bad.ids[0] })
    const [row] = await rig.worker.query('select state, overdue, next_at from dispatch where id = $1', [bad.ids[0]])
    expect(row).toEqual({ state: 'released', overdue: false, next_at: clock.now().add({ minutes: 15 }) })
    await rig.refuseEventsOf(null)
    clock.moveBy({ minutes: 15 })
    await settleAt(clock.now())
    expect(await kindsOf(bad.notification)).toContain('dispatch overdue')
  })

  test('a task that cannot be settled is put off, and every task behind it is rung about', async () => {
    const clock = aClock(START)
    const asked = (hours: number) => ({
      desk: 'mash' as const,
      questions: [{ question: 'Which?', about: [], rules: [] }],
      dueBy: clock.now().add({ hours }),
    })
    const bad = await rig.store([], { at: clock.now(), plan: { tasks: [asked(1)] } })
    const good = await rig.store([], { at: clock.now(), plan: { tasks: [asked(2)] } })
    await rig.refuseEventsOf(bad.notification)
    clock.moveBy({ hours: 2 })
    const faults: unknown[] = []
    const room = rig.due((fault) => faults.push(fault))
    await settleDueTasks(room, clock.now(), 500)
    expect(await kindsOf(good.notification)).toContain('task overdue')
    const [task] = await tasksOf(bad.notification)
    expect(faults.at(-1)).toMatchObject({ code: task?.id })
    const [row] = await rig.worker.query('select overdue, next_at from task where id = $1', [task?.id])
    expect(row).toEqual({ overdue: false, next_at: clock.now().add({ minutes: 15 }) })
    await rig.refuseEventsOf(null)
    clock.moveBy({ minutes: 15 })
    await settleDueTasks(rig.due(), clock.now(), 500)
    expect(await kindsOf(bad.notification)).toContain('task overdue')
  })

  test('two processes that look at the same moment settle each dispatch once', async () => {
    const clock = aClock(START)
    const stored = []
    for (let made = 0; made < 40; made += 1) stored.push(await rig.store([{ recipientId: 'council' }], { at: clock.now() }))
    clock.moveBy({ hours: 12 })
    await Promise.all(Array.from({ length: 6 }, () => settleDueDispatches(rig.due(), clock.now(), 15)))
    await settleAt(clock.now())
    for (const { notification } of stored) {
      const kinds = await kindsOf(notification)
      expect(kinds.filter((kind) => kind === 'dispatch overdue')).toHaveLength(1)
    }
  })
})
