import { expect, test } from 'vitest'
import { aDeliveryRig } from '../../test/support/delivery-rig.ts'
import { asAgency } from '../database/connection.ts'
import { openPrompts, type PromptToOpen } from './prompt-store.ts'

const at = Temporal.Instant.from('2026-03-06T21:10:00Z')
const prompt = (key: string, given: Partial<PromptToOpen> = {}): PromptToOpen => ({
  key,
  why: 'alert waiting',
  recipientId: 'school-1',
  role: 'key_adult',
  urgency: 'now',
  ...given,
})

test('a prompt is opened once a key, ever', async () => {
  const rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school-1', channel: { kind: 'pull_queue' } }, at)
  const open = (...prompts: PromptToOpen[]) => rig.worker.kysely.transaction().execute((trx) => openPrompts(trx, prompts, at))
  await open(prompt('b'), prompt('a'))
  await open(prompt('a', { role: 'deputy' }), prompt('c', { urgency: 'today' }))
  const rows = await rig.worker.query('select key, role, state, try_until from prompt order by key', [])
  expect(rows).toEqual([
    { key: 'a', role: 'key_adult', state: 'due', try_until: at.add({ hours: 4 }) },
    { key: 'b', role: 'key_adult', state: 'due', try_until: at.add({ hours: 4 }) },
    { key: 'c', role: 'key_adult', state: 'due', try_until: at.add({ hours: 24 }) },
  ])
})

test('an agency may have somebody asked to look, and sees no prompt', async () => {
  const rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school-1', channel: { kind: 'pull_queue' } }, at)
  await asAgency(rig.app, 'police-zz', (trx) => openPrompts(trx, [prompt('a')], at))
  await asAgency(rig.app, 'police-zz', (trx) => openPrompts(trx, [prompt('a')], at))
  expect(await rig.worker.query('select key from prompt', [])).toEqual([{ key: 'a' }])
  await expect(asAgency(rig.app, 'school-1', (trx) => trx.selectFrom('prompt').select('id').execute())).rejects.toThrow(
    /permission denied/,
  )
})

test('nobody in particular may open none', async () => {
  const rig = await aDeliveryRig()
  await rig.addRecipient({ id: 'school-1', channel: { kind: 'pull_queue' } }, at)
  await expect(rig.app.kysely.transaction().execute((trx) => openPrompts(trx, [prompt('a')], at))).rejects.toThrow(
    /row-level security/,
  )
})
