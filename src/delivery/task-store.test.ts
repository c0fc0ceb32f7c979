import { expect, test } from 'vitest'
import { aDeliveryRig } from '../../test/support/delivery-rig.ts'
import { openDataKey } from '../database/sealing.ts'
import { openTasks } from './task-store.ts'

const AT = Temporal.Instant.from('2026-03-06T21:10:00Z')

test('a task goes to whoever may know of it now, and leaves the desk of whoever may not, claimed or not', async () => {
  const rig = await aDeliveryRig()
  const { notification } = await rig.store([], { at: AT })
  const text = 'select wrapped, wrapped_by as "wrappedBy" from data_key where notification_id = $1'
  const [key] = await rig.worker.query<{ wrapped: Buffer; wrappedBy: string }>(text, [notification])
  if (!key) throw new Error('no key')
  const dataKey = openDataKey(rig.keys.ring, notification, key)
  const asked = (agency: string) =>
    rig.worker.kysely.transaction().execute((trx) =>
      openTasks(
        trx,
        [
          {
            notification: { id: notification, dataKey },
            desk: 'mash',
            agency,
            victimRisk: 'high',
            questions: [{ question: 'Is a notification needed?', about: ['c1'], rules: [] }],
            dueBy: AT.add({ hours: 24 }),
          },
        ],
        AT,
      ),
    )
  const stands = () =>
    rig.worker.query('select agency, state, claimed_by, claimed_until from task where notification_id = $1', [notification])
  await asked('csc')
  await rig.worker.query(
    `update task set state = 'claimed', claimed_by = 'cli_1', claimed_until = $2::timestamptz, next_at = $2::timestamptz where notification_id = $1`,
    [notification, AT.add({ minutes: 30 })],
  )
  expect(await asked('csc')).toMatchObject([{ change: 'nothing new' }])
  expect(await stands()).toMatchObject([{ agency: 'csc', state: 'claimed' }])
  expect(await asked('police-zz')).toMatchObject([{ change: 'moved', agency: 'police-zz' }])
  expect(await stands()).toEqual([{ agency: 'police-zz', state: 'open', claimed_by: null, claimed_until: null }])
  const next = await rig.worker.query<{ next_at: Temporal.Instant }>('select next_at from task where notification_id = $1', [
    notification,
  ])
  expect(next[0]?.next_at.toString()).toBe(AT.add({ hours: 24 }).toString())
})
