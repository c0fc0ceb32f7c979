import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { aReceiver, type Receiver } from './receiver.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

function call(receiver: Receiver, headers: Record<string, string>): Promise<Response> {
  return fetch(receiver.url, { method: 'POST', body: '{}', headers, redirect: 'manual', signal: AbortSignal.timeout(1_000) })
}

function signatureOf(body: string): Record<string, string> {
  // The signing time is checked against the wall clock, as a real school checks it.
  const at = new Date()
  return {
    'webhook-id': 'dsp_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign('dsp_1', at, body),
  }
}

describe('the pretend school', () => {
  test('answers as it is told, the next calls first', async () => {
    const school = await aReceiver()
    school.answerWith({ kind: 'status', status: 410 })
    school.answerNextWith({ kind: 'status', status: 429, retryAfter: '30' }, { kind: 'redirect', to: 'http://elsewhere.test/' })
    const answers = [await call(school, {}), await call(school, {}), await call(school, {})]
    expect(answers.map(({ status }) => status)).toEqual([429, 302, 410])
    expect(answers[0]?.headers.get('retry-after')).toBe('30')
    expect(school.received).toHaveLength(3)
  })

  test('tells a call that one of its secrets signed from one that none did', async () => {
    const school = await aReceiver()
    await call(school, signatureOf('{}'))
    school.trust(SECRET)
    await call(school, signatureOf('{}'))
    await call(school, signatureOf('{"forged":true}'))
    expect(school.received.map(({ signed }) => signed)).toEqual([false, true, false])
  })

  test('can hang, break off and never stop talking', async () => {
    const school = await aReceiver()
    school.answerNextWith({ kind: 'hang' }, { kind: 'broken off' }, { kind: 'never-ending body' })
    await expect(call(school, {})).rejects.toThrow(/timeout/i)
    await expect(call(school, {})).rejects.toThrow('fetch failed')
    const endless = await call(school, {})
    await expect(endless.text()).rejects.toThrow(/timeout/i)
  })

  test('goes away and comes back at the same address', async () => {
    const school = await aReceiver()
    await school.close()
    await expect(call(school, {})).rejects.toThrow('fetch failed')
    await school.open()
    expect((await call(school, {})).status).toBe(200)
  })
})
