import { afterAll, expect, test } from 'vitest'
import { aClock } from '../../../test/support/clock.ts'
import { aDeliveryRig } from '../../../test/support/delivery-rig.ts'
import { aMailServer, linkIn, type MailServer } from '../../../test/support/mail-server.ts'
import { openPushDelivery, type PushDelivery } from '../push-dispatches.ts'
import { settleDueDispatches } from '../settle-due.ts'
import { NO_ENCRYPTION, openMailer } from './mailer.ts'

const open: { close: () => unknown }[] = []
afterAll(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** A school that has only a mailbox, an alert for it, and the worker's delivery. */
async function aSchoolToMail(server: MailServer | null) {
  const clock = aClock('2026-03-06T21:10:00Z')
  const rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school', channel: { kind: 'email', address: 'office@larkspur.example' } }, clock.now())
  const { notification, ids, ring } = await rig.store([{ recipientId: 'school' }], { at: clock.now() })
  const [dispatch = 'none'] = ids
  const mailer = server && openMailer(server.settings)
  const delivery: PushDelivery = openPushDelivery({
    database: rig.worker,
    keys: rig.keys,
    now: clock.now,
    wallSeconds: () => 0,
    jitter: () => 0.5,
    allow: new Set(),
    mailer,
    publicUrl: 'https://daymark.example',
    faulted: (fault) => {
      throw fault
    },
  })
  open.push({ close: () => mailer?.close() }, delivery)
  const row = async () =>
    (
      await rig.worker.query<{ state: string; attempts: number; retry_at: Temporal.Instant | null }>(
        'select state, attempts, retry_at from dispatch where id = $1',
        [dispatch],
      )
    )[0]
  const attempts = () =>
    rig.worker.query('select number, outcome, status, detail from attempt where dispatch_id = $1 order by number', [dispatch])
  const kinds = async () => (await rig.events(notification)).map(({ kind }) => kind)
  return { clock, rig, notification, dispatch, ring, delivery, row, attempts, kinds }
}

test('a school with only a mailbox is told that something waits: the mail was accepted, so it is delivered', async () => {
  const server = await aMailServer()
  const { delivery, dispatch, ring, row, attempts, kinds, rig } = await aSchoolToMail(server)
  expect(ring).toEqual([dispatch])
  await delivery.deliver(dispatch)
  await delivery.deliver(dispatch)
  expect(await row()).toMatchObject({ state: 'delivered', retry_at: null })
  expect(await attempts()).toEqual([{ number: 1, outcome: 'delivered', status: 250, detail: null }])
  expect(await kinds()).toEqual(['dispatch released', 'dispatch delivered'])
  expect(server.received).toHaveLength(1)
  expect(server.received[0]).toMatchObject({ to: ['office@larkspur.example'], encrypted: true })
  expect(server.received[0]?.text).not.toMatch(/Merrin|Quillfeather|Recipient school|police|abuse|child/i)
  expect(linkIn(server.received[0])).toMatch(/^\/a\/[0-9a-f-]{36}\.[\w-]{43}$/)
  expect(await rig.worker.query('select contact, opened_at from link', [])).toEqual([{ contact: 'mailbox', opened_at: null }])
})

test('a downgraded server is a failed attempt with a clear cause, and is tried again on the schedule of any other', async () => {
  const server = await aMailServer({ encrypts: false })
  const { delivery, dispatch, row, attempts, clock, rig, kinds } = await aSchoolToMail(server)
  await delivery.deliver(dispatch)
  expect(await row()).toMatchObject({ state: 'released', attempts: 1, retry_at: clock.now().add({ seconds: 5 }) })
  clock.moveBy({ seconds: 5 })
  expect((await settleDueDispatches(rig.due(), clock.now(), 500)).ids).toEqual([dispatch])
  await delivery.deliver(dispatch)
  expect(await attempts()).toMatchObject([
    { number: 1, outcome: 'failed', detail: NO_ENCRYPTION },
    { number: 2, outcome: 'failed', detail: NO_ENCRYPTION },
  ])
  expect(server.named).toEqual([])
  expect(await kinds()).toEqual(['dispatch released', 'attempt failed', 'attempt failed'])
})

test('where no mail server is set, a person is asked to ring at once, and it goes out once there is one', async () => {
  const { delivery, dispatch, row, attempts, kinds, clock } = await aSchoolToMail(null)
  await delivery.deliver(dispatch)
  expect(await attempts()).toMatchObject([{ outcome: 'blocked', detail: 'no mail server is set' }])
  expect(await row()).toMatchObject({ state: 'released', retry_at: clock.now().add({ seconds: 5 }) })
  expect(await kinds()).toEqual(['dispatch released', 'attempt failed', 'task opened'])
})

test('a mailbox that refuses is the directory’s to mend', async () => {
  const server = await aMailServer()
  server.refuseNext(550)
  const { delivery, dispatch, attempts, kinds } = await aSchoolToMail(server)
  await delivery.deliver(dispatch)
  expect(await attempts()).toMatchObject([{ outcome: 'refused', status: 550, detail: null }])
  expect(await kinds()).toEqual(['dispatch released', 'attempt failed', 'task opened'])
})

test('after 75 hours past the deadline nothing more is sent, and a person is asked to tell them', async () => {
  const server = await aMailServer({ encrypts: false })
  const { delivery, dispatch, row, rig, clock, kinds } = await aSchoolToMail(server)
  clock.moveBy({ hours: 12 + 75 })
  await settleDueDispatches(rig.due(), clock.now(), 500)
  await delivery.deliver(dispatch)
  expect(await row()).toMatchObject({ state: 'given_up' })
  expect(await kinds()).toContain('dispatch given up')
})
