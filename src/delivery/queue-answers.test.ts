import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aDeliveryRig, type DeliveryRig } from '../../test/support/delivery-rig.ts'
import { aQueueApi } from '../../test/support/queue-api.ts'
import type { App } from '../access/app.ts'
import { createKey } from '../access/keys-store.ts'
import { settleDueDispatches } from './settle-due.ts'

/** Every answer of a recipient, in every state a dispatch can be in, over HTTP: what it is answered, and what it is answered again. */
const clock = aClock('2026-03-06T21:10:00Z')
let rig: DeliveryRig
let app: App
let queues = 0

beforeAll(async () => {
  rig = await aDeliveryRig()
  app = await aQueueApi(rig, clock.now)
})
afterAll(() => app.close())

async function aDispatch() {
  const queue = `csc-answers-${++queues}`
  await rig.addRecipient({ id: queue, service: 'childrens_social_care', channel: { kind: 'pull_queue' } }, clock.now())
  const { ids, notification } = await rig.store([{ recipientId: queue, service: 'childrens_social_care' }], { at: clock.now() })
  const { key } = await rig.asOwner((db) => createKey(db, queue, ['dispatches:collect'], clock.now()))
  const post = async (url: string, payload: Record<string, unknown>) => {
    const answer = await app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${key}` }, payload })
    return { status: answer.statusCode, type: answer.json().type?.replace('urn:daymark:problem:', ''), body: answer.json() }
  }
  const collect = async () =>
    (await post(`/v1/queues/${queue}/collect`, { max: 1, leaseSeconds: 60 })).body.dispatches[0]?.lease.token
  const dispatch = `/v1/dispatches/${ids[0]}`
  return {
    id: ids[0],
    notification,
    post,
    collect,
    dispatch,
    set: (sql: string) => rig.worker.query(`update dispatch set ${sql} where id = $1`, [ids[0]]),
  }
}

type Dispatch = Awaited<ReturnType<typeof aDispatch>>
const lapse = async () => {
  clock.moveBy({ seconds: 61 })
  await settleDueDispatches(rig.due(), clock.now(), 500)
}

/** How a dispatch came to where it stands; each gives the token that the caller holds, where it holds one. */
const states: Record<string, (dispatch: Dispatch) => Promise<string | undefined>> = {
  'released, never collected': async () => undefined,
  'collected, the lease is the caller’s': ({ collect }) => collect(),
  'collected, the lease has ended and nobody looked': async ({ collect }) => {
    const token = await collect()
    clock.moveBy({ seconds: 61 })
    return token
  },
  'put back after its lease': async ({ collect }) => {
    const token = await collect()
    await lapse()
    return token
  },
  'collected again by somebody else': async ({ collect }) => {
    const token = await collect()
    await lapse()
    await collect()
    return token
  },
  acknowledged: async ({ collect, post, dispatch }) => {
    const token = await collect()
    await post(`${dispatch}/acknowledgement`, { by: 'duty', leaseToken: token })
    return token
  },
  'acknowledged by somebody else after the lease': async ({ collect, post, dispatch }) => {
    const token = await collect()
    await lapse()
    const theirs = await collect()
    await post(`${dispatch}/acknowledgement`, { by: 'duty', leaseToken: theirs })
    return token
  },
  'given back': async ({ collect, post, dispatch }) => {
    const token = await collect()
    await post(`${dispatch}/return`, { reason: 'not_ours' })
    return token
  },
  'withdrawn, recalled or replaced': async ({ collect, set }) => {
    const token = await collect()
    await set(`state = 'withdrawn', next_at = null, lease_until = null`)
    return token
  },
  'given up': async ({ set }) => {
    await set(`state = 'given_up'`)
    return undefined
  },
}

/** What each answer is answered: with the caller's token where there is one, without a token, and with a token that nobody was given. */
const expected: Record<string, { acknowledge: Answers; renew: Answers; outcome: Answers; giveBack: Answers }> = {
  'released, never collected': row(['200', '200', 'lease-is-anothers'], ['lease-lost', 'lease-lost'], '200', '200'),
  'collected, the lease is the caller’s': row(['200', '200', 'lease-is-anothers'], ['200', 'lease-lost'], '200', '200'),
  'collected, the lease has ended and nobody looked': row(
    ['200', '200', 'lease-is-anothers'],
    ['lease-lost', 'lease-lost'],
    '200',
    '200',
  ),
  'put back after its lease': row(['200', '200', 'lease-is-anothers'], ['lease-lost', 'lease-lost'], '200', '200'),
  'collected again by somebody else': row(
    ['lease-is-anothers', '200', 'lease-is-anothers'],
    ['lease-lost', 'lease-lost'],
    '200',
    '200',
  ),
  acknowledged: row(['200', '200', 'lease-is-anothers'], ['lease-lost', 'lease-lost'], '200', '200'),
  'acknowledged by somebody else after the lease': row(
    ['lease-is-anothers', '200', 'lease-is-anothers'],
    ['lease-lost', 'lease-lost'],
    '200',
    '200',
  ),
  'given back': row(['dispatch-held', 'dispatch-held', 'dispatch-held'], ['lease-lost', 'lease-lost'], 'dispatch-held', '200'),
  'withdrawn, recalled or replaced': row(
    ['dispatch-withdrawn', 'dispatch-withdrawn', 'dispatch-withdrawn'],
    ['lease-lost', 'lease-lost'],
    'dispatch-withdrawn',
    'dispatch-withdrawn',
  ),
  'given up': row(['200', '200', 'lease-is-anothers'], ['lease-lost', 'lease-lost'], '200', '200'),
}

type Answers = readonly string[]
function row(acknowledge: Answers, renew: Answers, outcome: string, giveBack: string) {
  return { acknowledge, renew, outcome: [outcome], giveBack: [giveBack] }
}

const kinds = async ({ notification }: Dispatch) => (await rig.events(notification)).map(({ kind }) => kind)
const said = ({ status, type }: { status: number; type?: string }) => (status === 200 ? '200' : type)
const cases = Object.keys(states)

describe.each(cases)('a dispatch that is %s', (name) => {
  const reach = states[name] ?? (async () => undefined)
  const want = expected[name]

  test.each(['own', 'none', 'foreign'] as const)(
    'is acknowledged with the token: %s; and again with the same answer',
    async (whose) => {
      const dispatch = await aDispatch()
      const own = await reach(dispatch)
      const leaseToken = { own, none: undefined, foreign: 'lse_foreign' }[whose]
      const acknowledge = () =>
        dispatch.post(`${dispatch.dispatch}/acknowledgement`, { by: 'duty', ...(leaseToken ? { leaseToken } : {}) })
      const first = await acknowledge()
      expect(said(first)).toBe(want?.acknowledge[['own', 'none', 'foreign'].indexOf(whose)])
      clock.moveBy({ seconds: 1 })
      const again = await acknowledge()
      expect(said(again)).toBe(said(first))
      if (first.status === 200) expect(again.body).toEqual(first.body)
      expect((await kinds(dispatch)).filter((kind) => kind === 'dispatch acknowledged').length).toBeLessThanOrEqual(1)
    },
  )

  test.each(['own', 'foreign'] as const)('is renewed with the token: %s; and again', async (whose) => {
    const dispatch = await aDispatch()
    const own = await reach(dispatch)
    const leaseToken = whose === 'own' ? (own ?? 'lse_none') : 'lse_foreign'
    const renew = () => dispatch.post(`${dispatch.dispatch}/renewal`, { leaseToken, leaseSeconds: 60 })
    const wanted = want?.renew[['own', 'foreign'].indexOf(whose)]
    expect(said(await renew())).toBe(wanted)
    expect(said(await renew())).toBe(wanted)
  })

  test('is given an outcome, once however often it is said', async () => {
    const dispatch = await aDispatch()
    await reach(dispatch)
    const answer = () => dispatch.post(`${dispatch.dispatch}/outcome`, { code: 'early_help', note: 'Agreed with her' })
    expect(said(await answer())).toBe(want?.outcome[0])
    expect(said(await answer())).toBe(want?.outcome[0])
    expect((await kinds(dispatch)).filter((kind) => kind === 'dispatch outcome')).toHaveLength(want?.outcome[0] === '200' ? 1 : 0)
  })

  test('is given back, once however often it is said', async () => {
    const dispatch = await aDispatch()
    await reach(dispatch)
    const giveBack = () => dispatch.post(`${dispatch.dispatch}/return`, { reason: 'not_ours' })
    expect(said(await giveBack())).toBe(want?.giveBack[0])
    expect(said(await giveBack())).toBe(want?.giveBack[0])
    expect((await kinds(dispatch)).filter((kind) => kind === 'dispatch returned')).toHaveLength(
      want?.giveBack[0] === '200' ? 1 : 0,
    )
  })
})
