import type http from 'node:http'
import { isGuarded, type Outgoing } from './outgoing.ts'

/** What the OpenID and JWKS libraries ask for. They follow no redirect, and neither does this. */
export interface FetchOptions {
  method: string
  headers: Headers | Record<string, string>
  body?: unknown
  signal?: AbortSignal | undefined
}
export type GuardedFetch = (url: string, options: FetchOptions) => Promise<Response>

/** The other side could not be reached, failed, or may not be called. Says a code, never what was sent or answered. */
export class CannotBeReached extends Error {
  readonly code: string
  constructor(code: string) {
    super(`It cannot be reached (${code})`)
    this.code = code
  }
}

/** Discovery, keys and tokens are a few kilobytes. */
const ANSWER_BYTES_MAX = 512 * 1024
const WITHIN_MS = 5_000

/** A `fetch` that goes no further than `openOutgoing` lets it, waits 5 s and reads half a megabyte. @throws CannotBeReached */
export function guardedFetch(outgoing: Outgoing): GuardedFetch {
  return async (url, { method, headers, body, signal }) => {
    const route = outgoing.routeTo(url)
    if ('kind' in route) throw new CannotBeReached(route.why)
    const bytes = bytesOf(body)
    const sent = {
      method,
      agent: route.agent,
      headers: {
        ...Object.fromEntries(headers instanceof Headers ? headers : Object.entries(headers)),
        ...(bytes === null ? {} : { 'content-length': bytes.length }),
      },
      signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]) : AbortSignal.timeout(WITHIN_MS),
    }
    return new Promise((resolve, reject) => {
      const request = route.transport.request(route.url, sent)
      request.on('error', (error) => reject(new CannotBeReached(codeOf(error))))
      request.on('response', (response) => readWhole(response).then(resolve, reject))
      request.end(bytes ?? undefined)
    })
  }
}

async function readWhole(response: http.IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response) {
      length += chunk.length
      if (length > ANSWER_BYTES_MAX) throw new CannotBeReached('the answer is too long')
      chunks.push(chunk)
    }
  } catch (fault) {
    throw fault instanceof CannotBeReached ? fault : new CannotBeReached(fault instanceof Error ? codeOf(fault) : 'it broke off')
  }
  const status = response.statusCode ?? 0
  if (status >= 500) throw new CannotBeReached(`status ${status}`)
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers)) if (typeof value === 'string') headers.set(name, value)
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : Buffer.concat(chunks), { status, headers })
}

function bytesOf(body: unknown): Buffer | null {
  if (body === undefined || body === null) return null
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof URLSearchParams) return Buffer.from(body.toString())
  throw new Error('Only text and forms are sent')
}

function codeOf(error: Error): string {
  if (isGuarded(error)) return 'the address is private'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timed out'
  return 'code' in error && typeof error.code === 'string' ? error.code : 'the connection failed'
}
