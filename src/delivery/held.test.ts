import { beforeAll, describe, expect, test } from 'vitest'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { asAgency, type Trx } from '../database/connection.ts'
import type { HoldReason } from '../words/dispatch.ts'
import type { DispatchId } from '../words/ids.ts'
import { lockOwnDispatch } from './queue-store.ts'
import { settleDueDispatches } from './settle-due.ts'

/** A dispatch that nobody at its recipient may see until a person has decided. */

const AT = Temporal.Instant.from('2026-03-06T21:10:00Z')
const DUE = AT.add({ hours: 12 })
let rig: DeliveryRig

beforeAll(async () => {
  rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school', channel: { kind: 'webhook', url: 'https://school.example/' } }, AT)
  await rig.addRecipient({ id: 'other-school', channel: { kind: 'pull_queue' } }, AT)
  await rig.addRecipient({ id: 'third-school', channel: { kind: 'email', address: 'office@school.example' } }, AT)
})

const hold = (recipientId: string, reason: HoldReason = 'conflict_nobody_clear') =>
  rig.store([{ recipientId, hold: reason, restricted: true, dueBy: DUE }], { at: AT })
const rowOf = async (id: DispatchId | undefined) => {
  const [row] = await rig.worker.query<{
    state: string
    hold_reason: string
    next_at: Temporal.Instant
    retry_at: Temporal.Instant | null
    overdue: boolean
  }>('select state, hold_reason, next_at, retry_at, overdue from dispatch where id = $1', [id])
  return row
}

describe('a held dispatch', () => {
  test('says so by a code and by no name, and rings for nobody', async () => {
    const { notification, ids, ring } = await hold('school', 'conflict_ring_contact')
    expect(ring).toEqual([])
    expect(await rowOf(ids[0])).toMatchObject({ state: 'held', hold_reason: 'conflict_ring_contact', retry_at: null })
    const [event] = await rig.events(notification)
    expect(event).toMatchObject({ kind: 'dispatch held', dispatch: ids[0] })
    expect(JSON.parse(event?.body ?? '').detail).toMatchObject({ reason: 'conflict_ring_contact', restricted: true })
  })

  test('is never sent, and its clock goes on: a person is asked before the deadline, and at it', async () => {
    const { notification, ids } = await hold('school')
    const before = (await rowOf(ids[0]))?.next_at
    if (before === undefined) throw new Error('nothing was stored')
    expect(Temporal.Instant.compare(before, DUE)).toBeLessThan(0)
    expect((await settleDueDispatches(rig.due(), before, 500)).ids).not.toContain(ids[0])
    expect((await settleDueDispatches(rig.due(), DUE, 500)).ids).not.toContain(ids[0])
    expect(await rowOf(ids[0])).toMatchObject({ state: 'held', overdue: true })
    const kinds = (await rig.events(notification)).map(({ kind }) => kind)
    expect(kinds).toEqual(['dispatch held', 'dispatch escalated', 'task opened', 'dispatch overdue', 'task question added'])
  })

  test('for a school with only an email address asks nobody to ring whoever answers there', async () => {
    const { notification } = await hold('third-school')
    expect((await rig.events(notification)).map(({ kind }) => kind)).toEqual(['dispatch held'])
  })

  test('is seen by the force, and by nobody at its recipient, whatever the code asks for', async () => {
    const { ids } = await hold('other-school')
    const id = ids[0] ?? ''
    const counted = async (trx: Trx) =>
      (
        await trx
          .selectFrom('dispatch')
          .select('id')
          .where('id', '=', ids[0] ?? 'dsp_')
          .execute()
      ).length
    const asRecipient = <T>(ask: (trx: Trx) => Promise<T>) => asAgency(rig.app, 'other-school', ask)
    expect(await asRecipient((trx) => lockOwnDispatch(trx, id, 'other-school'))).toBeNull()
    expect(await asRecipient(counted)).toBe(0)
    expect(await asAgency(rig.app, FORCE, counted)).toBe(1)
  })
})
