import { expect, test } from 'vitest'
import { aClock } from '../../../test/support/clock.ts'
import { aDeliveryRig } from '../../../test/support/delivery-rig.ts'
import { aMailServer, linkIn, type MailServer } from '../../../test/support/mail-server.ts'
import { openDataKey, openJson, sealJson } from '../../database/sealing.ts'
import type { PlannedDispatch, TaskQuestion } from '../../words/dispatch.ts'
import type { Contact } from '../../words/recipient.ts'
import { openPrompts, type PromptToOpen } from '../prompt-store.ts'
import { settleDueDispatches } from '../settle-due.ts'
import { linkNamedBy } from './links.ts'
import { NO_ENCRYPTION, openMailer } from './mailer.ts'
import { promptSource } from './send-prompts.ts'

const keyAdult: Contact = { name: 'A. Thistlewood', role: 'key_adult', email: 'key.adult@larkspur.example' }
const deputy: Contact = { name: 'B. Fernsby', role: 'deputy', email: 'deputy@larkspur.example' }

/** A school with an alert that waits, and the worker's e-mail loop, looked at when the test says so. */
async function aSchoolToPrompt(
  given: { contacts?: Contact[]; planned?: Partial<PlannedDispatch>; server?: MailServer | null } = {},
) {
  const clock = aClock('2026-03-06T21:10:00Z')
  const rig = await aDeliveryRig()
  const server = given.server === undefined ? await aMailServer() : given.server
  const contacts = given.contacts ?? [keyAdult, deputy]
  await rig.addRecipient({ id: 'school', channel: { kind: 'pull_queue' }, contacts }, clock.now())
  const { notification, ids } = await rig.store([{ recipientId: 'school', ...given.planned }], { at: clock.now() })
  const [dispatch] = ids
  if (dispatch === undefined) throw new Error('nothing was stored')
  const faults: unknown[] = []
  const mailer = server && openMailer(server.settings)
  const source = promptSource({
    database: rig.worker,
    keys: rig.keys,
    now: clock.now,
    mailer,
    publicUrl: 'https://daymark.example',
    jitter: () => 0.5,
    faulted: (fault) => faults.push(fault),
  })
  /** One look of the due loop, and what it had to send is sent. */
  const look = async () => {
    const { ids: due } = await source.hintDue(clock.now(), 500)
    await source.direct(due)
    return due.length
  }
  const open = (prompt: Partial<PromptToOpen> = {}) =>
    rig.worker.kysely.transaction().execute((trx) =>
      openPrompts(
        trx,
        [
          {
            key: 'k',
            why: 'deputy asked',
            recipientId: 'school',
            role: 'deputy',
            dispatchId: dispatch,
            urgency: 'now',
            ...prompt,
          },
        ],
        clock.now(),
      ),
    )
  const prompts = () => rig.worker.query('select state, attempts, cause, next_at from prompt order by key', [])
  const kinds = async () => (await rig.events(notification)).map(({ kind }) => kind)
  return { clock, rig, server, notification, dispatch, faults, look, open, prompts, kinds, close: () => mailer?.close() }
}

async function questionsOf({
  rig,
  notification,
}: Pick<Awaited<ReturnType<typeof aSchoolToPrompt>>, 'rig' | 'notification'>): Promise<string[]> {
  const rows = await rig.worker.query<{ id: string; questions: Buffer; wrapped: Buffer; wrapped_by: string }>(
    `select t.id, t.questions, k.wrapped, k.wrapped_by from task t join data_key k on k.notification_id = t.notification_id
     where t.notification_id = $1 and t.desk = 'directory'`,
    [notification],
  )
  return rows.flatMap(({ id, questions, wrapped, wrapped_by: wrappedBy }) => {
    const key = openDataKey(rig.keys.ring, notification, { wrapped, wrappedBy })
    return openJson<TaskQuestion[]>(key, `task.questions|${id}`, questions).map(({ question }) => question)
  })
}

test('a deputy is asked to look, by a mail that says why, how soon, a reference and where, and nothing else', async () => {
  const school = await aSchoolToPrompt()
  await school.open()
  expect(await school.look()).toBe(1)
  const [mail] = school.server?.received ?? []
  expect(mail?.to).toEqual(['deputy@larkspur.example'])
  expect(mail?.text).toContain('You are asked as deputy.')
  expect(mail?.text).toContain('Look: now')
  expect(mail?.text).toContain(school.dispatch)
  expect(linkNamedBy(linkIn(mail).slice('/a/'.length))).toMatch(/^lnk_/)
  expect(mail?.text).not.toMatch(/Fernsby|Thistlewood|Recipient school|Merrin|Quillfeather|police|abuse|child/i)
  expect(await school.prompts()).toMatchObject([{ state: 'sent', attempts: 1, cause: null }])
  const events = await school.rig.events(school.notification)
  expect(events.at(-1)).toMatchObject({ kind: 'prompt sent', dispatch: school.dispatch })
  expect(JSON.stringify(events)).not.toContain('larkspur.example')
  expect(await school.look()).toBe(0)
})

test('everybody who has the role is asked, each by a link of their own', async () => {
  const second: Contact = { name: 'C. Ashgrove', role: 'deputy', email: 'second@larkspur.example' }
  const school = await aSchoolToPrompt({ contacts: [keyAdult, deputy, second] })
  await school.open()
  await school.look()
  const links = (school.server?.received ?? []).map(linkIn)
  expect(new Set(links).size).toBe(2)
})

test('half the time before a school opens, its deputy is asked; an hour before, a person', async () => {
  const school = await aSchoolToPrompt()
  school.clock.moveBy({ hours: 5, minutes: 59 })
  await settleDueDispatches(school.rig.due(), school.clock.now(), 500)
  expect(await school.prompts()).toEqual([])
  school.clock.moveBy({ minutes: 1 })
  await settleDueDispatches(school.rig.due(), school.clock.now(), 500)
  await school.look()
  expect(school.server?.received.map(({ to }) => to)).toEqual([['deputy@larkspur.example']])
  expect(await questionsOf(school)).toEqual([])
  school.clock.moveBy({ hours: 5 })
  await settleDueDispatches(school.rig.due(), school.clock.now(), 500)
  expect(await questionsOf(school)).toEqual([expect.stringContaining('Ring it now')])
  expect((await school.kinds()).filter((kind) => kind.startsWith('dispatch escalated') || kind.startsWith('prompt'))).toEqual([
    'dispatch escalated',
    'prompt sent',
    'dispatch escalated',
  ])
})

test('a school whose deadline had passed when we were told has everybody asked at once', async () => {
  const school = await aSchoolToPrompt({ planned: { lateOnArrival: true, dueBy: Temporal.Instant.from('2026-03-06T08:45:00Z') } })
  await school.look()
  expect(school.server?.received.flatMap(({ to }) => to).toSorted()).toEqual([
    'deputy@larkspur.example',
    'key.adult@larkspur.example',
  ])
})

test.each([
  ['acknowledged', `state = 'acknowledged', next_at = null`],
  ['held', `state = 'held'`],
  ['withdrawn', `state = 'withdrawn', next_at = null`],
  ['replaced', 'replaced_by = id'],
])('nobody is asked to look at what is %s meanwhile', async (_what, set) => {
  const school = await aSchoolToPrompt()
  await school.open()
  await school.rig.worker.query(`update dispatch set ${set} where id = $1`, [school.dispatch])
  await school.look()
  expect(school.server?.named).toEqual([])
  expect(await school.prompts()).toMatchObject([{ state: 'not_needed', next_at: null }])
})

test.each<[string, Contact[]]>([
  ['a school without a deputy', [keyAdult]],
  ['a deputy without an address', [keyAdult, { name: 'B. Fernsby', role: 'deputy', phone: '01632 960002' }]],
])('%s is a question to the directory, and never a silence', async (_what, contacts) => {
  const school = await aSchoolToPrompt({ contacts })
  await school.open()
  await school.look()
  expect(await school.prompts()).toMatchObject([{ state: 'not_sent', cause: 'no address may be written to' }])
  expect(await questionsOf(school)).toEqual([
    expect.stringContaining('The deputy of Recipient school could not be asked to look'),
  ])
  expect((await school.kinds()).slice(-2)).toEqual(['prompt not sent', 'task opened'])
})

test('without a mail server a person is asked instead', async () => {
  const school = await aSchoolToPrompt({ server: null })
  await school.open()
  await school.look()
  expect(await questionsOf(school)).toEqual([expect.stringContaining('e-mail is not set up here')])
})

test('a prompt about no notification becomes upkeep of its recipient', async () => {
  const school = await aSchoolToPrompt({ server: null })
  await school.rig.worker.kysely
    .transaction()
    .execute((trx) =>
      openPrompts(
        trx,
        [{ key: 'silence', why: 'silence', recipientId: 'school', role: 'duty', urgency: 'today' }],
        school.clock.now(),
      ),
    )
  await school.look()
  expect((await school.rig.events('recipient:school')).map(({ kind }) => kind)).toEqual(['prompt not sent', 'task opened'])
})

test('a contact whom the directory names only after planning is not written to: nobody has judged whether they may hear', async () => {
  const school = await aSchoolToPrompt({ contacts: [keyAdult] })
  const [row] = await school.rig.worker.query<{ data_key: Buffer; wrapped_by: string }>(
    'select data_key, wrapped_by from recipient where id = $1',
    ['school'],
  )
  if (!row) throw new Error('no such recipient')
  const key = openDataKey(school.rig.keys.ring, 'school', { wrapped: row.data_key, wrappedBy: row.wrapped_by })
  const sealed = sealJson(key, 'recipient.sealed|school', { contacts: [keyAdult, deputy], secrets: [] })
  await school.rig.worker.query('update recipient set sealed = $2 where id = $1', ['school', sealed])
  await school.open()
  await school.look()
  expect(school.server?.named).toEqual([])
  expect(await questionsOf(school)).toHaveLength(1)
})

test('where somebody at the recipient must not hear, only who is clear of it is written to', async () => {
  const clear: Contact = { name: 'C. Ashgrove', role: 'deputy', email: 'clear@larkspur.example' }
  const school = await aSchoolToPrompt({ contacts: [keyAdult, deputy, clear], planned: { keepTo: [clear] } })
  await school.open()
  await school.open({ key: 'l', role: 'key_adult' })
  await school.look()
  expect(school.server?.received.flatMap(({ to }) => to)).toEqual(['clear@larkspur.example'])
})

test('a server that offers no encryption is a failure with a clear cause, tried again as a webhook is, and never told anything', async () => {
  const downgraded = await aMailServer({ encrypts: false })
  const school = await aSchoolToPrompt({ server: downgraded })
  await school.open()
  for (const [attempts, waitSeconds] of [
    [1, 5],
    [2, 15],
    [3, 60],
  ] as const) {
    await school.look()
    expect(await school.prompts()).toMatchObject([
      { state: 'due', attempts, cause: NO_ENCRYPTION, next_at: school.clock.now().add({ seconds: waitSeconds }) },
    ])
    expect(await questionsOf(school)).toEqual([])
    school.clock.moveBy({ seconds: waitSeconds })
  }
  await school.look()
  expect(await questionsOf(school)).toEqual([expect.stringContaining(NO_ENCRYPTION)])
  expect(downgraded.named).toEqual([])
  school.clock.moveBy({ hours: 4 })
  await school.look()
  expect(await school.prompts()).toMatchObject([{ state: 'not_sent', attempts: 5, next_at: null }])
  expect((await school.kinds()).at(-1)).toBe('prompt not sent')
})

test('an address that refuses is a question at once, and is tried again', async () => {
  const school = await aSchoolToPrompt()
  school.server?.refuseNext(550)
  await school.open()
  await school.look()
  expect(await questionsOf(school)).toEqual([expect.stringContaining('the address is refused')])
  school.clock.moveBy({ seconds: 5 })
  await school.look()
  expect(await school.prompts()).toMatchObject([{ state: 'sent', attempts: 2 }])
})

test('a process that dies while it sends leaves the prompt due again', async () => {
  const school = await aSchoolToPrompt()
  await school.open()
  await school.rig.worker.query(`update prompt set attempts = 1, next_at = $1`, [school.clock.now().add({ minutes: 2 })])
  expect(await school.look()).toBe(0)
  school.clock.moveBy({ minutes: 2 })
  expect(await school.look()).toBe(1)
  expect(await school.prompts()).toMatchObject([{ state: 'sent', attempts: 2 }])
})

test('a contact whose entry cannot be opened is rung by a person, and not tried for ever without a word', async () => {
  const school = await aSchoolToPrompt()
  await school.rig.worker.query(`update recipient set sealed = '\\x00' where id = 'school'`, [])
  await school.open()
  expect(await school.look()).toBe(1)
  expect(await school.prompts()).toMatchObject([{ state: 'not_sent', cause: 'its entry cannot be opened', next_at: null }])
  expect((await questionsOf(school)).join()).toContain('could not be asked to look: its entry cannot be opened')
  expect(school.faults).toHaveLength(1)
  school.close()
})
