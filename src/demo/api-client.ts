import type { PretendBrowser } from './pretend-browser.ts'

/** Somebody who calls the API over HTTP, as their own systems or their browser would. */
export interface Caller {
  /** As the timeline names them: `cli_…` or `person:…`. */
  id: string
  agency: string
  /** What people call them. */
  name: string
  get: <Answer>(path: string, headers?: Record<string, string>) => Promise<Answer>
  /** What is there, and its ETag, to be sent back with what is done about it. */
  read: <Answer>(path: string, headers: Record<string, string>) => Promise<{ body: Answer; etag: string }>
  post: <Answer>(path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>
  put: <Answer>(path: string, body: unknown) => Promise<Answer>
  /** Sends lines of JSON, and reads lines of JSON. */
  postLines: <Answer>(path: string, lines: readonly unknown[]) => Promise<Answer[]>
}

/** A caller with a key. */
export interface ApiClient extends Caller {
  key: string
}

/** The API answered with a problem. Its title and faults say nothing personal. */
export class ApiProblem extends Error {
  readonly status: number
  constructor(call: string, status: number, body: string) {
    super(`${call} was answered ${status}: ${body.slice(0, 500)}`)
    this.status = status
  }
}

type Who = Pick<Caller, 'id' | 'agency' | 'name'>
type Send = (method: string, path: string, call: { headers: Record<string, string>; body: string | null }) => Promise<Response>

/** A machine, by its key. */
export function apiClient(url: string, who: Who & { key: string }): ApiClient {
  const authorization = `Bearer ${who.key}`
  const caller = callerBy(who, (method, path, { headers, body }) =>
    fetch(`${url}${path}`, { method, headers: { authorization, ...headers }, ...(body === null ? {} : { body }) }),
  )
  return { ...caller, key: who.key }
}

/** A person who has signed in, by the cookie in their browser. */
export function signedInCaller(url: string, who: Who, browser: PretendBrowser): Caller {
  return callerBy(who, (method, path, call) => browser.call(method, `${url}${path}`, call))
}

function callerBy(who: Who, send: Send): Caller {
  const call = async (method: string, path: string, headers: Record<string, string>, body: string | null = null) => {
    const answer = await send(method, path, { headers, body })
    const text = await answer.text()
    if (!answer.ok) throw new ApiProblem(`${method} ${path}`, answer.status, text)
    return { text, etag: answer.headers.get('etag') ?? '' }
  }
  const json = { 'content-type': 'application/json' }
  const lines = { 'content-type': 'application/x-ndjson' }
  return {
    ...who,
    get: async (path, headers = {}) => JSON.parse((await call('GET', path, headers)).text),
    read: async (path, headers) => {
      const { text, etag } = await call('GET', path, headers)
      return { body: JSON.parse(text), etag }
    },
    post: async (path, body, headers = {}) =>
      JSON.parse((await call('POST', path, { ...json, ...headers }, JSON.stringify(body))).text),
    put: async (path, body) => JSON.parse((await call('PUT', path, json, JSON.stringify(body))).text),
    postLines: async (path, items) => {
      const { text } = await call('POST', path, lines, items.map((item) => JSON.stringify(item)).join('\n'))
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
  }
}
