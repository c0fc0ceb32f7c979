/** A page as somebody sees it. */
export interface Page {
  status: number
  url: string
  html: string
}

/** Somebody's browser: it keeps cookies, goes where it is sent, presses what it finds on a page, and runs no script. */
export interface PretendBrowser {
  /** Goes to an address, as by a link in a mail. */
  open: (url: string) => Promise<Page>
  /** Follows the link with these words. @throws where the page has none */
  click: (page: Page, words: string) => Promise<Page>
  /** Presses the button with these words; null where the page has none. */
  press: (page: Page, words: string) => Promise<Page | null>
  /** A call of a page's own, with the cookies of its site. */
  call: (method: string, url: string, call: { headers: Record<string, string>; body: string | null }) => Promise<Response>
}

const REDIRECTS_MAX = 10
/** What a browser says by itself of a call that a page of the same site makes. */
const FROM_ITS_OWN_PAGE = { 'sec-fetch-site': 'same-origin' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

export function openBrowser(): PretendBrowser {
  const jars = new Map<string, Map<string, string>>()

  const call: PretendBrowser['call'] = async (method, url, { headers, body }) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(method === 'GET' ? {} : FROM_ITS_OWN_PAGE), ...headers, ...(cookie === '' ? {} : { cookie }) },
      ...(body === null ? {} : { body }),
    })
    for (const line of answer.headers.getSetCookie()) keep(jar, line)
    return answer
  }

  async function go(method: 'GET' | 'POST', to: string): Promise<Page> {
    let url = to
    let answer = await call(method, url, method === 'POST' ? { headers: FORM, body: '' } : { headers: {}, body: null })
    for (let times = 0; times < REDIRECTS_MAX; times += 1) {
      const location = answer.headers.get('location')
      if (location === null) break
      url = new URL(location, url).href
      answer = await call('GET', url, { headers: {}, body: null })
    }
    return { status: answer.status, url, html: await answer.text() }
  }

  return {
    call,
    open: (url) => go('GET', url),
    click: (page, words) => {
      const href = linkOn(page, words)
      if (href === null) throw new Error(`There is no link “${words}” on the page`)
      return go('GET', href)
    },
    press: async (page, words) => {
      const action = formOn(page, words)
      return action === null ? null : go('POST', action)
    },
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
  if (value === '' || /max-age=0(;|$)/i.test(line)) jar.delete(name)
  else jar.set(name, value)
}

function linkOn({ html, url }: Page, words: string): string | null {
  const links = [...html.matchAll(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([^<]*)<\/a>/g)]
  const found = links.find(([, , text = '']) => text.trim() === words)
  return found ? new URL(asWritten(found[1] ?? ''), url).href : null
}

/** Where the form with this button sends; a form that does not say sends to its own page. */
function formOn({ html, url }: Page, words: string): string | null {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)]
  const found = forms.find(([, , inside = '']) => inside.replaceAll(/<[^>]*>/g, '').trim() === words)
  if (!found) return null
  const [, action = ''] = /\baction="([^"]*)"/.exec(found[1] ?? '') ?? []
  return new URL(asWritten(action), url).href
}

const asWritten = (attribute: string) => attribute.replaceAll('&amp;', '&')
