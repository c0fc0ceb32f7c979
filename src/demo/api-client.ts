/** Somebody who calls the API over HTTP, as their own systems would. */
export interface ApiClient {
  /** `cli_…`, as the timeline names it. */
  id: string
  agency: string
  /** What people call them. */
  name: string
  key: string
  get: <Answer>(path: string, headers?: Record<string, string>) => Promise<Answer>
  post: <Answer>(path: string, body: unknown) => Promise<Answer>
  put: <Answer>(path: string, body: unknown) => Promise<Answer>
  /** Sends lines of JSON, and reads lines of JSON. */
  postLines: <Answer>(path: string, lines: readonly unknown[]) => Promise<Answer[]>
}

/** The API answered with a problem. Its title and faults say nothing personal. */
export class ApiProblem extends Error {
  readonly status: number
  constructor(call: string, status: number, body: string) {
    super(`${call} was answered ${status}: ${body.slice(0, 500)}`)
    this.status = status
  }
}

export function apiClient(url: string, who: Pick<ApiClient, 'id' | 'agency' | 'name' | 'key'>): ApiClient {
  const call = async (method: string, path: string, body: string | null, headers: Record<string, string>): Promise<string> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${who.key}`, ...headers },
      ...(body === null ? {} : { body }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new ApiProblem(`${method} ${path}`, answer.status, text)
    return text
  }
  const json = { 'content-type': 'application/json' }
  const lines = { 'content-type': 'application/x-ndjson' }
  return {
    ...who,
    get: async (path, headers = {}) => JSON.parse(await call('GET', path, null, headers)),
    post: async (path, body) => JSON.parse(await call('POST', path, JSON.stringify(body), json)),
    put: async (path, body) => JSON.parse(await call('PUT', path, JSON.stringify(body), json)),
    postLines: async (path, items) =>
      (await call('POST', path, items.map((item) => JSON.stringify(item)).join('\n'), lines))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  }
}
