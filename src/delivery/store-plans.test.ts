import { beforeAll, expect, test } from 'vitest'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { findFaults } from '../audit/completeness.ts'
import { accountFor } from '../audit/completeness-store.ts'

const at = Temporal.Instant.from('2026-03-06T21:10:00Z')
const past = at.subtract({ hours: 5 })
let rig: DeliveryRig

beforeAll(async () => {
  rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'council', channel: { kind: 'pull_queue' } }, at)
})

test('what was late on arrival is looked at now, and nobody is said to have left it lying', async () => {
  const questions = [{ question: 'Ring the school.', about: ['c1'], rules: ['school-hears'] }]
  const tasks = [{ desk: 'directory' as const, questions, dueBy: past }]
  await rig.store([{ recipientId: 'council', dueBy: past, lateOnArrival: true }], { at, plan: { tasks } })
  const next = await rig.worker.query('select next_at from dispatch union all select next_at from task', [])
  expect(next).toEqual([{ next_at: at }, { next_at: at }])
  for await (const batch of accountFor(rig.worker.kysely, at.subtract({ hours: 1 }), at.add({ hours: 1 }))) {
    expect(batch).toHaveLength(1)
    expect(batch.flatMap((one) => findFaults(one, at.add({ minutes: 1 }))).filter(({ code }) => code !== 'chain_broken')).toEqual(
      [],
    )
  }
})
