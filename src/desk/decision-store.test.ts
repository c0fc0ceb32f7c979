import { expect, test } from 'vitest'
import { aDeliveryRig } from '../../test/support/delivery-rig.ts'
import { lockFamily } from './decision-store.ts'

const AT = Temporal.Instant.from('2026-03-06T21:10:00Z')

test('whoever writes the directory waits for a decision under way, which may have planned by the old entry', async () => {
  const rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school', channel: { kind: 'pull_queue' } }, AT)
  const { notification } = await rig.store([{ recipientId: 'school' }], { at: AT })
  const mayWrite = async () => {
    const text = 'select pg_try_advisory_xact_lock(0, 6) as free'
    return (await rig.app.query<{ free: boolean }>(text, []))[0]?.free
  }
  await rig.worker.kysely.transaction().execute(async (trx) => {
    expect(await lockFamily(trx, notification)).toHaveLength(1)
    expect(await mayWrite()).toBe(false)
  })
  expect(await mayWrite()).toBe(true)
})
