/**
 * Many collectors of one agency in one process, as the test beside it runs it. Each asks, and does with what it is given what people
 * do: most acknowledge, some forget it, some acknowledge after their lease has ended. They leave when nothing has come for longer
 * than a lease lasts.
 */
import { setTimeout as pause } from 'node:timers/promises'

/** One lease that a collector was given, and what it was answered to its acknowledgement; null where it forgot. */
export interface Given {
  dispatch: string
  token: string
  sequence: number | null
  acknowledged: number | null
}

const { URLS = '', KEY = '', QUEUE = '', COLLECTORS = '1', FIRST = '0' } = process.env
const urls = URLS.split(',')
const LEASE_SECONDS = 10
const WAIT_SECONDS = 4
/** Longer than a lease: what somebody forgot has come back by then. */
const EMPTY_MAX = 4
const given: Given[] = []
let served = 0

async function call(url: string, path: string, body: Record<string, unknown>): Promise<{ status: number; text: string }> {
  for (;;) {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    // As the problem says: too many came at once, send the same again.
    if (answer.status !== 503 && answer.status !== 429) return { status: answer.status, text }
    await pause(200)
  }
}

async function collector(number: number): Promise<void> {
  const url = urls[number % urls.length] ?? ''
  for (let empty = 0; empty < EMPTY_MAX; ) {
    const asked = { max: 1 + (number % 3), leaseSeconds: LEASE_SECONDS, waitSeconds: WAIT_SECONDS }
    const { status, text } = await call(url, `/v1/queues/${QUEUE}/collect`, asked)
    if (status !== 200) throw new Error(`A collector was answered ${status}: ${text}`)
    const { dispatches } = JSON.parse(text)
    empty = dispatches.length === 0 ? empty + 1 : 0
    for (const one of dispatches) given.push(await work(url, one))
  }
}

async function work(url: string, one: { id: string; sequence: number | null; lease: { token: string } }): Promise<Given> {
  served += 1
  const turn = served
  const kept = { dispatch: one.id, token: one.lease.token, sequence: one.sequence }
  if (turn % 11 === 0) return { ...kept, acknowledged: null }
  // Not a wait for a state: somebody who comes back from a call after the lease has ended.
  if (turn % 13 === 0) await pause((LEASE_SECONDS + 1) * 1000)
  const { status } = await call(url, `/v1/dispatches/${one.id}/acknowledgement`, { leaseToken: one.lease.token, by: 'duty' })
  return { ...kept, acknowledged: status }
}

await Promise.all(Array.from({ length: Number(COLLECTORS) }, (_, index) => collector(Number(FIRST) + index)))
process.stdout.write(`GIVEN ${JSON.stringify(given)}\n`)
