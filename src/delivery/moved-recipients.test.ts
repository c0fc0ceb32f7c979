import { beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig, FORCE } from '../../test/support/delivery-rig.ts'
import { type Client, OPERATOR } from '../access/scopes.ts'
import { asAgency } from '../database/connection.ts'
import type { RecipientBody } from '../directory/recipient-body.ts'
import { moveWaitingDispatches } from '../directory/recipient-store.ts'
import { writeRecipients } from '../directory/write-recipient.ts'
import { collect } from './collect.ts'
import { settleDueDispatches } from './settle-due.ts'

/** The directory gives a recipient another agency or channel while something waits for it. */

const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig

beforeAll(async () => {
  rig = await aDeliveryRig()
})

const clientOf = (agency: string): Client => ({ id: 'cli_1', agency, scopes: [], desks: null })

function write(id: string, over: Partial<RecipientBody>, by = OPERATOR) {
  const at = clock.now()
  const body: RecipientBody = { service: 'education_setting', name: `Recipient ${id}`, channel: { kind: 'pull_queue' }, ...over }
  return asAgency(rig.app, by, (trx) =>
    writeRecipients(trx, rig.keys.ring, [{ id, body }], { client: clientOf(by), at, lookAgainAt: at }),
  )
}

async function collectedBy(agency: string, queue: string): Promise<string[] | null> {
  const room = { database: rig.app, keys: rig.keys, now: clock.now }
  const collected = await collect(room, clientOf(agency), queue, { max: 10, leaseSeconds: 60 })
  return collected ? JSON.parse(collected.body).dispatches.map(({ id }: { id: string }) => id) : null
}

const seenBy = (agency: string, id: string) =>
  asAgency(rig.app, agency, (trx) => trx.selectFrom('dispatch').select('id').where('recipient_id', '=', id).limit(9).execute())

describe('what waits for a recipient', () => {
  test('goes with it to another agency at once: the new one collects it, the old one sees it no more, and it is recorded', async () => {
    await rig.addRecipient({ id: 'csc-moving', agency: 'old', channel: { kind: 'pull_queue' } }, clock.now())
    const { notification, ids } = await rig.store([{ recipientId: 'csc-moving' }], { at: clock.now() })
    await write('csc-moving', { agency: 'new' })
    expect(await collectedBy('old', 'csc-moving')).toBeNull()
    expect(await seenBy('old', 'csc-moving')).toEqual([])
    // Other people read it there: first triage, which nobody runs here, looks whether one of them must not.
    expect(await collectedBy('new', 'csc-moving')).toEqual([])
    await rig.worker.query('update dispatch set changing = false where id = any($1)', [ids])
    expect(await collectedBy('new', 'csc-moving')).toEqual(ids)
    expect(await seenBy(FORCE, 'csc-moving')).toHaveLength(1)
    const moved = (await rig.events(notification)).find(({ kind }) => kind === 'dispatch moved')
    expect(moved?.dispatch).toBe(ids[0])
    expect(JSON.parse(moved?.body ?? '{}').detail).toEqual({ recipient: 'csc-moving', from: 'old', to: 'new' })
  })

  test('stays where it was acknowledged', async () => {
    await rig.addRecipient({ id: 'csc-done', agency: 'old', channel: { kind: 'pull_queue' } }, clock.now())
    const { ids } = await rig.store([{ recipientId: 'csc-done' }], { at: clock.now() })
    await rig.worker.query(`update dispatch set state = 'acknowledged', next_at = null where id = $1`, [ids[0]])
    await write('csc-done', { agency: 'new' })
    expect(await seenBy('old', 'csc-done')).toHaveLength(1)
  })

  test.each([{ kind: 'pull_queue' }, { kind: 'email', address: 'office@school.example' }] as const)(
    'of one that had a $kind is pushed at once when it gets a webhook, long before anybody is asked to ring',
    async (channel) => {
      const id = `school-of-${channel.kind}`
      await rig.addRecipient({ id, channel }, clock.now())
      const { ids } = await rig.store([{ recipientId: id }], { at: clock.now() })
      expect((await settleDueDispatches(rig.due(), clock.now(), 500)).ids).toEqual([])
      await write(id, { channel: { kind: 'webhook', url: 'https://school.example/' } })
      expect((await settleDueDispatches(rig.due(), clock.now(), 500)).ids).toEqual(ids)
    },
  )

  test('is nobody’s to move but the operator’s', async () => {
    await rig.addRecipient({ id: 'csc-own', agency: 'own', channel: { kind: 'pull_queue' } }, clock.now())
    const { ids } = await rig.store([{ recipientId: 'csc-own' }], { at: clock.now() })
    const move = (agency: string) =>
      asAgency(rig.app, agency, async (trx) => (await moveWaitingDispatches(trx, ['csc-own'], clock.now())).map(({ id }) => id))
    expect([await move('own'), await move(FORCE), await move('operator')]).toEqual([[], [], ids])
  })
})
