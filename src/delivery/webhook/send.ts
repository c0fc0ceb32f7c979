import type http from 'node:http'
import { isGuarded, openOutgoing } from '../../access/outgoing.ts'

/** How one POST went, before anybody judges it. `why` is a code or a few words, never what the recipient said. */
export type Sent =
  | { kind: 'answered'; status: number; retryAfter: string | null }
  | { kind: 'timed out' }
  | { kind: 'blocked'; why: string }
  | { kind: 'failed'; why: string }

export interface Sender {
  post: (url: string, headers: Record<string, string>, body: string) => Promise<Sent>
  close: () => void
}

/** The whole call, connection and answer included. Our lease is apart from it and renewed while it lasts. */
export const TIMEOUT_MS = 15_000
/** An answer is read this far, so that the connection can be used again, and no further. */
const ANSWER_BYTES_MAX = 16 * 1024
/**
 * Sends webhooks, no further than `openOutgoing` lets anything go, and follows no redirect.
 * @param allowed `host:port` for which alone the https demand and the address guard are lifted (demo and tests)
 * @param timeoutMs 15 s but in tests
 */
export function openSender(allowed: ReadonlySet<string>, timeoutMs: number): Sender {
  const outgoing = openOutgoing(allowed)

  async function post(url: string, headers: Record<string, string>, body: string): Promise<Sent> {
    const route = outgoing.routeTo(url)
    if ('kind' in route) return route
    const bytes = Buffer.from(body)
    const options = { method: 'POST', agent: route.agent, headers: { ...headers, 'content-length': bytes.length } }
    const call = () => exchange(() => route.transport.request(route.url, options), bytes, timeoutMs)
    const first = await call()
    // The school closed a kept connection in the moment we used it: nobody failed, and the id is the same.
    return first.kind === 'stale connection' ? toSent(await call()) : toSent(first)
  }

  return { post, close: outgoing.close }
}

type Exchanged = Sent | { kind: 'stale connection' }

const toSent = (exchanged: Exchanged): Sent =>
  exchanged.kind === 'stale connection' ? { kind: 'failed', why: 'ECONNRESET' } : exchanged

/** The status line decides; the body that follows is read only to free the connection. */
function exchange(open: () => http.ClientRequest, body: Buffer, timeoutMs: number): Promise<Exchanged> {
  return new Promise((resolve) => {
    const request = open()
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      request.destroy()
    }, timeoutMs)
    request.on('close', () => {
      clearTimeout(timer)
      // A 101 would end so, without a response or an error. What was answered or failed before has been resolved already.
      resolve(timedOut ? { kind: 'timed out' } : { kind: 'failed', why: 'closed without an answer' })
    })
    request.on('error', (error) => resolve(timedOut ? { kind: 'timed out' } : whyNot(error, request.reusedSocket)))
    request.on('response', (response) => {
      resolve({ kind: 'answered', status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null })
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > ANSWER_BYTES_MAX) response.destroy()
      })
      // We have the answer: how its body ends changes nothing.
      response.on('error', () => {})
    })
    request.end(body)
  })
}

function whyNot(error: Error, reusedSocket: boolean): Exchanged {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  if (reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')) return { kind: 'stale connection' }
  if (isGuarded(error)) return { kind: 'blocked', why: 'the address is private' }
  return { kind: 'failed', why: code ?? 'the connection failed' }
}
