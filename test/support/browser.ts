import type { PretendIdentityProvider } from '../../src/demo/pretend-identity-provider.ts'

/** An answer as a browser sees it; redirects are not followed unless the test says so. */
export interface Seen {
  status: number
  location: string | null
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what came over the wire, and says what it expects of it
  body: any
}

/** A browser: it keeps cookies, says where a call comes from, and goes where it is sent. */
export interface Browser {
  /** Its cookies for a site, by name; a test may put a foreign one there. */
  cookies: (url: string) => Map<string, string>
  get: (url: string, headers?: Record<string, string>) => Promise<Seen>
  /** A call that one of the site's own pages makes. */
  send: (method: string, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Seen>
  /** Goes to an address and follows where it is sent, at most ten times. */
  follow: (url: string) => Promise<Seen>
  /** Signs in, by one click at the pretend provider. @returns what is seen at the end */
  signIn: (daymark: string, provider: PretendIdentityProvider, subject: string, query?: string) => Promise<Seen>
}

export function aBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }

  async function call(method: string, url: string, headers: Record<string, string>, body?: string): Promise<Seen> {
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const text = await answer.text()
    const json = /[/+]json(;|$)/.test(answer.headers.get('content-type') ?? '')
    const location = answer.headers.get('location')
    return {
      status: answer.status,
      location: location === null ? null : new URL(location, url).href,
      headers: answer.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
    }
  }

  async function follow(url: string): Promise<Seen> {
    let seen = await call('GET', url, {})
    for (let times = 0; seen.location !== null && times < 10; times += 1) seen = await call('GET', seen.location, {})
    return seen
  }

  return {
    cookies: jarOf,
    get: (url, headers = {}) => call('GET', url, headers),
    send: (method, url, body, headers = {}) =>
      call(
        method,
        url,
        {
          'sec-fetch-site': 'same-origin',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    follow,
    signIn: async (daymark, provider, subject, query = '') => {
      // The provider remembers who was here, as real ones do; a new person starts afresh.
      jarOf(provider.issuer).clear()
      let seen = await call('GET', `${daymark}/sign-in${query}`, {})
      for (let times = 0; times < 10 && seen.location !== null; times += 1) {
        const { location } = seen
        const atTheProvider = location.startsWith(`${provider.issuer}/interaction/`)
        seen = await call('GET', atTheProvider ? `${location}?as=${encodeURIComponent(subject)}` : location, {})
      }
      return seen
    },
  }
}
