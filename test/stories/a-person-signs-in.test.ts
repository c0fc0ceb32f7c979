import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { aBrowser } from '../support/browser.ts'
import type { TestClient } from '../support/daymark.ts'
import { aDaymarkWithPeople, aPretendProvider, type DaymarkWithPeople, settingsFor } from '../support/people.ts'
import { startServe } from '../support/processes.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

const FORCE = 'police-derbyshire'
const COUNCIL = 'csc-E06000015'
const people = [
  { subject: 'rowan', name: 'Rowan Zedwing', roles: [`daymark:${FORCE}:reviewer`, 'another-app:admin'] },
  { subject: 'sage', name: 'Sage Zedwing', roles: [`daymark:${FORCE}:supervisor`] },
  { subject: 'tansy', name: 'Tansy Zedwing', roles: [`daymark:${COUNCIL}:triage`] },
  { subject: 'mallow', name: 'Mallow Zedwing', roles: [`daymark:${COUNCIL}:reviewer`] },
  { subject: 'olive', name: 'Olive Zedwing', roles: ['daymark:operator:operator'] },
  { subject: 'stray', name: 'Stray Zedwing', roles: ['daymark:police-nowhere:reviewer', `daymark:${FORCE}:reviewer`] },
  { subject: 'odd', name: 'Odd Zedwing', roles: [`daymark:${FORCE}:operator`, `daymark:${FORCE}:wizard`] },
  { subject: 'both', name: 'Both Zedwing', roles: [`daymark:${FORCE}:auditor`, `daymark:${COUNCIL}:triage`] },
  { subject: 'nobody', name: 'Nobody Zedwing', roles: ['another-app:admin'] },
]

const BECAUSE = { 'daymark-purpose': 'to decide it' }

let with_: DaymarkWithPeople
let url: string
let police: TestClient
let operator: TestClient
let notification: string

beforeAll(async () => {
  with_ = await aDaymarkWithPeople(people)
  url = with_.daymark.url
  operator = await loadDirectory(with_.daymark)
  police = await with_.daymark.client(FORCE, ['notifications:write', 'notifications:read'])
  const sent = await police.post('/v1/notifications', await exampleNotification())
  notification = sent.body.id
  await triaged(police, notification)
})

async function signedIn(subject: string, query = '') {
  const browser = aBrowser()
  const seen = await browser.signIn(url, with_.provider, subject, query)
  return { browser, seen }
}

const serviceEvents = async () => {
  const { body } = await operator.get('/v1/audit/events?limit=200')
  return body.events.filter(({ stream }: { stream: string }) => stream === 'service')
}

describe('a reviewer', () => {
  test('signs in at their own provider, and is told who they are and what they may', async () => {
    const { seen } = await signedIn('rowan')
    expect(seen.status, JSON.stringify(seen.body)).toBe(200)
    expect(seen.body).toMatchObject({
      name: 'Rowan Zedwing',
      agency: FORCE,
      scopes: ['notifications:read', 'desk:decide'],
      desks: ['domestic_abuse_review', 'pitstop', 'mash'],
      id: expect.stringMatching(/^person:[\w-]{22}$/),
    })
  })

  test('reads what is their agency’s with the session alone, says why, and it is on the record', async () => {
    const { browser, seen } = await signedIn('rowan')
    const unsaid = await browser.get(`${url}/v1/notifications/${notification}`)
    expect([unsaid.status, unsaid.body.errors[0].code]).toEqual([400, 'purpose-required'])
    expect((await browser.get(`${url}/v1/notifications/${notification}`, BECAUSE)).status).toBe(200)
    const { body } = await police.get(`/v1/notifications/${notification}/timeline`)
    expect(body.events.at(-1)).toMatchObject({
      kind: 'notification disclosed',
      actor: seen.body.id,
      detail: { purpose: BECAUSE['daymark-purpose'] },
    })
  })

  test('does nothing their roles do not say', async () => {
    const { browser } = await signedIn('rowan')
    expect((await browser.get(`${url}/v1/queues`)).body.type).toBe('urn:daymark:problem:missing-scope')
    expect((await browser.get(`${url}/v1/sessions`)).body.type).toBe('urn:daymark:problem:missing-scope')
    const write = await browser.send('POST', `${url}/v1/notifications`, await exampleNotification())
    expect(write.body.type).toBe('urn:daymark:problem:missing-scope')
  })

  test('of another agency sees nothing of this one', async () => {
    const { browser, seen } = await signedIn('tansy')
    expect(seen.body).toMatchObject({ agency: COUNCIL, scopes: ['dispatches:collect'], desks: [] })
    expect((await browser.get(`${url}/v1/notifications/${notification}`)).status).toBe(403)
    const queues = await browser.get(`${url}/v1/queues`)
    expect(queues.body.queues.map(({ id }: { id: string }) => id)).toEqual([COUNCIL])
  })

  test('works at their own desks, and decides nothing that is another’s', async () => {
    const { browser, seen } = await signedIn('rowan')
    const { body } = await browser.get(`${url}/v1/tasks`)
    const desks = body.tasks.map(({ desk }: { desk: string }) => desk)
    expect(desks).toContain('domestic_abuse_review')
    expect(desks.filter((desk: string) => !['domestic_abuse_review', 'pitstop', 'mash'].includes(desk))).toEqual([])
    const [mine] = body.tasks
    const other = await signedIn('mallow')
    expect((await other.browser.send('POST', `${url}/v1/tasks/${mine.id}/claim`, {})).status).toBe(404)
    const collector = await signedIn('tansy')
    const refused = await collector.browser.send('POST', `${url}/v1/tasks/${mine.id}/claim`, {})
    expect(refused.body.type).toBe('urn:daymark:problem:missing-scope')
    const claimed = await browser.send('POST', `${url}/v1/tasks/${mine.id}/claim`, {})
    expect(claimed.status, JSON.stringify(claimed.body)).toBe(200)
    const { body: timeline } = await police.get(`/v1/notifications/${notification}/timeline`)
    const claim = timeline.events.find(({ kind }: { kind: string }) => kind === 'task claimed')
    expect(claim.actor).toBe(seen.body.id)
  })

  test('is the actor of what they do, by a name that says nobody’s', async () => {
    const { browser, seen } = await signedIn('tansy')
    const collected = await browser.send('POST', `${url}/v1/queues/${COUNCIL}/collect`, { max: 1, leaseSeconds: 60 })
    const [dispatch] = collected.body.dispatches
    expect((await browser.get(`${url}/v1/dispatches/${dispatch.id}`)).body.errors[0].code).toBe('purpose-required')
    const again = await browser.get(`${url}/v1/dispatches/${dispatch.id}`, { 'daymark-purpose': 'strategy discussion' })
    expect(again.status).toBe(200)
    const { body } = await police.get(`/v1/notifications/${notification}/timeline`)
    const disclosed = body.events.filter(({ actor }: { actor: string }) => actor === seen.body.id)
    expect(disclosed.map(({ detail }: { detail: { purpose: string } }) => detail.purpose)).toContain('strategy discussion')
    expect(JSON.stringify(await serviceEvents())).not.toMatch(/Zedwing|tansy|rowan/)
  })
})

describe('a session', () => {
  test('that a supervisor ends is refused on the very next request', async () => {
    const reviewer = await signedIn('rowan')
    const supervisor = await signedIn('sage')
    const listed = await supervisor.browser.get(`${url}/v1/sessions`)
    const mine = listed.body.sessions.find(({ id }: { id: string }) => id === reviewer.seen.body.session)
    expect(mine).toMatchObject({ name: 'Rowan Zedwing', agency: FORCE })
    expect((await reviewer.browser.get(`${url}/v1/notifications/${notification}`, BECAUSE)).status).toBe(200)
    expect((await supervisor.browser.send('DELETE', `${url}/v1/sessions/${mine.id}`)).status).toBe(204)
    expect((await reviewer.browser.get(`${url}/v1/notifications/${notification}`)).status).toBe(401)
    expect((await supervisor.browser.send('DELETE', `${url}/v1/sessions/${mine.id}`)).status).toBe(404)
  })

  test('of another agency is nobody’s to see or end, but the operator’s', async () => {
    const other = await signedIn('tansy')
    const supervisor = await signedIn('sage')
    const ids = (body: { sessions: { id: string }[] }) => body.sessions.map(({ id }) => id)
    expect(ids((await supervisor.browser.get(`${url}/v1/sessions`)).body)).not.toContain(other.seen.body.session)
    expect((await supervisor.browser.send('DELETE', `${url}/v1/sessions/${other.seen.body.session}`)).status).toBe(404)
    const operators = await signedIn('olive')
    expect(ids((await operators.browser.get(`${url}/v1/sessions`)).body)).toContain(other.seen.body.session)
    expect((await operators.browser.send('DELETE', `${url}/v1/sessions/${other.seen.body.session}`)).status).toBe(204)
    expect((await other.browser.get(`${url}/v1/queues`)).status).toBe(401)
  })

  test('ends when the operator revokes it at a terminal, which shows ids and no name', async () => {
    const { browser, seen } = await signedIn('rowan')
    const run = async (...words: string[]) => {
      const args = ['src/main.ts', 'sessions', ...words]
      return (await promisify(execFile)(process.execPath, args, { env: with_.daymark.settings })).stdout
    }
    const listed = await run('list')
    expect(listed).toContain(seen.body.session)
    expect(listed).not.toContain('Zedwing')
    expect(await run('revoke', seen.body.session)).toBe('Ended.\n')
    expect((await browser.get(`${url}/sign-in/me`)).status).toBe(401)
  })

  test('ends when its person signs out, and the cookie with it', async () => {
    const { browser } = await signedIn('rowan')
    const [kept] = [...browser.cookies(url)]
    const out = await browser.send('POST', `${url}/sign-out`)
    expect([out.status, out.location]).toEqual([303, `${url}/`])
    expect([...browser.cookies(url)]).toEqual([])
    browser.cookies(url).set(kept?.[0] ?? '', kept?.[1] ?? '')
    expect((await browser.get(`${url}/sign-in/me`)).status).toBe(401)
  })

  test('ends when the provider says that the person is gone', async () => {
    const { browser } = await signedIn('rowan')
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      aud: with_.provider.clientId,
      sub: 'rowan',
      iat: now,
      exp: now + 60,
      jti: 'one',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    }
    const tell = async (token: string) =>
      fetch(`${url}/sign-in/back-channel-logout`, { method: 'POST', body: new URLSearchParams({ logout_token: token }) })
    // An ID token is signed by the same key and ends nothing.
    expect((await tell(await with_.provider.sign({ ...claims, events: undefined }))).status).toBe(400)
    expect((await tell(await with_.provider.sign({ ...claims, aud: 'somebody-else' }))).status).toBe(400)
    // With a nonce it is somebody's sign-in, dressed up.
    expect((await tell(await with_.provider.sign({ ...claims, nonce: 'one' }))).status).toBe(400)
    expect((await browser.get(`${url}/sign-in/me`)).status).toBe(200)
    const told = await tell(await with_.provider.sign(claims, { typ: 'logout+jwt' }))
    expect(told.status).toBe(200)
    expect((await browser.get(`${url}/sign-in/me`)).status).toBe(401)
  })

  test('ends when the provider names a session of its own, and the same person’s other one goes on', async () => {
    const first = await signedIn('rowan')
    const sid = with_.provider.lastSession()
    const second = await signedIn('rowan')
    expect(with_.provider.lastSession()).not.toBe(sid)
    const token = await with_.provider.sign({
      aud: with_.provider.clientId,
      sub: 'rowan',
      sid,
      exp: Math.floor(Date.now() / 1000) + 60,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    const told = await fetch(`${url}/sign-in/back-channel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    })
    expect(await told.json()).toEqual({ ended: 1 })
    const statuses = [first, second].map(async ({ browser }) => (await browser.get(`${url}/sign-in/me`)).status)
    expect(await Promise.all(statuses)).toEqual([401, 200])
  })

  test('ends elsewhere when its person signs in with other roles, or is refused for having none', async () => {
    const before = await signedIn('rowan')
    const person = with_.provider.people.find(({ subject }) => subject === 'rowan')
    if (!person) throw new Error('There is no Rowan')
    const { roles } = person
    person.roles = []
    const after = await signedIn('rowan')
    person.roles = roles
    expect(after.seen.body.type).toBe('urn:daymark:problem:no-role-here')
    expect((await before.browser.get(`${url}/sign-in/me`)).status).toBe(401)
  })
})

describe('roles', () => {
  test.each([
    ['that name an agency nobody knows are refused, whatever else they name', 'stray', 'agency-not-known'],
    ['that nobody knows, or that only the operator’s agency can give, are refused', 'odd', 'role-not-known'],
    ['of other applications are none of ours', 'nobody', 'no-role-here'],
    ['in several agencies want one to be chosen', 'both', 'several-agencies'],
  ])('%s', async (_rule, subject, code) => {
    const { browser, seen } = await signedIn(subject)
    expect([seen.status, seen.body.type]).toEqual([403, `urn:daymark:problem:${code}`])
    expect([...browser.cookies(url)]).toEqual([])
    const refused = (await serviceEvents()).filter(({ kind }: { kind: string }) => kind === 'sign-in refused')
    expect(refused.at(-1).detail).toEqual({ why: code.replaceAll('-', ' ') })
  })

  test('in several agencies open the one that is asked for, and no other', async () => {
    const chosen = await signedIn('both', `?agency=${COUNCIL}`)
    expect(chosen.seen.body).toMatchObject({ agency: COUNCIL, scopes: ['dispatches:collect'] })
    expect((await signedIn('both', '?agency=operator')).seen.body.type).toBe('urn:daymark:problem:no-role-here')
    // Asking for what one has not got ends nothing.
    expect((await chosen.browser.get(`${url}/sign-in/me`)).status).toBe(200)
  })
})

describe('somebody else’s page', () => {
  test('can change nothing with a person’s session, and our own can, in old browsers too', async () => {
    const { browser } = await signedIn('tansy')
    const collect = (headers: Record<string, string>) =>
      browser.send('POST', `${url}/v1/queues/${COUNCIL}/collect`, { max: 1, leaseSeconds: 60 }, headers)
    for (const site of ['cross-site', 'same-site', 'none']) {
      const seen = await collect({ 'sec-fetch-site': site, origin: url })
      expect([seen.status, seen.body.type], site).toEqual([403, 'urn:daymark:problem:from-elsewhere'])
    }
    const session = [...browser.cookies(url)].map(([name, value]) => `${name}=${value}`).join('; ')
    const old = (headers: Record<string, string>) =>
      fetch(`${url}/v1/queues/${COUNCIL}/collect`, {
        method: 'POST',
        headers: { cookie: session, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ max: 1, leaseSeconds: 60 }),
      })
    expect((await old({})).status).toBe(403)
    expect((await old({ origin: 'https://elsewhere.example' })).status).toBe(403)
    expect((await old({ origin: url })).status).toBe(200)
    expect((await collect({})).status).toBe(200)
  })

  test('cannot sign a person out, and a page of ours does so by a plain form', async () => {
    const { browser } = await signedIn('rowan')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const foreign = await browser.send('POST', `${url}/sign-out`, undefined, { ...form, 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    expect((await browser.send('POST', `${url}/sign-out`, undefined, form)).status).toBe(303)
  })

  test('cannot plant a session: the word in the cookie is new at every sign-in', async () => {
    const attacker = await signedIn('tansy')
    const planted = [...attacker.browser.cookies(url)]
    const victim = aBrowser()
    for (const [name, value] of planted) victim.cookies(url).set(name, value)
    await victim.signIn(url, with_.provider, 'rowan')
    expect([...victim.cookies(url)]).not.toEqual(planted)
    expect((await victim.get(`${url}/sign-in/me`)).body.agency).toBe(FORCE)
    // The planted one is not left open beside it.
    expect((await attacker.browser.get(`${url}/sign-in/me`)).status).toBe(401)
  })

  test('cannot finish a sign-in that it began itself', async () => {
    const attacker = aBrowser()
    let seen = await attacker.get(`${url}/sign-in`)
    while (seen.location !== null && !seen.location.startsWith(`${url}/sign-in/callback`)) {
      const { location } = seen
      seen = await attacker.get(
        location.includes('/interaction/') && !location.includes('as=') ? `${location}?as=tansy` : location,
      )
    }
    const callback = seen.location ?? ''
    const victim = aBrowser()
    expect((await victim.get(callback)).body.type).toBe('urn:daymark:problem:sign-in-not-begun')
    await victim.get(`${url}/sign-in`)
    expect((await victim.get(callback)).body.type).toBe('urn:daymark:problem:sign-in-not-accepted')
    expect([...victim.cookies(url)]).toEqual([])
  })

  test('cannot have a person sent to it after signing in', async () => {
    for (const to of [
      'https://elsewhere.example/',
      '//elsewhere.example',
      '/\\elsewhere.example',
      '/x/..//elsewhere.example',
      'x',
    ]) {
      const seen = await aBrowser().get(`${url}/sign-in?to=${encodeURIComponent(to)}`)
      expect([to, seen.status]).toEqual([to, 400])
    }
    const { seen } = await signedIn('rowan', `?to=${encodeURIComponent('/v1/tasks?state=open')}`)
    expect(seen.status, JSON.stringify(seen.body)).toBe(200)
  })
})

describe('the log', () => {
  test('has nothing of who signed in: no name, no subject, no code, no token', async () => {
    // It listens where it likes; only its own idea of its address matters here.
    const here = 'http://127.0.0.1:4999'
    const provider = await aPretendProvider(here, people)
    const { PORT: _taken, ...settings } = with_.daymark.settings
    const served = await startServe({
      ...settings,
      ...settingsFor(provider, here),
      DAYMARK_WEBHOOK_ALLOW: provider.host,
      LOG_LEVEL: 'debug',
    })
    const browser = aBrowser()
    const begun = await browser.get(`${served.url}/sign-in`)
    expect(begun.status).toBe(302)
    const back = await browser.get(`${served.url}/sign-in/callback?code=secret-code&state=secret-state`)
    expect(back.status).toBe(403)
    await browser.get(`${served.url}/v1/queues`, { cookie: 'daymark-session=secret-session' })
    await browser.get(`${served.url}/v1/queues`, { authorization: `Bearer ${await provider.sign({ sub: 'rowan' })}` })
    const log = served.log.join('\n')
    expect(log).toContain('/sign-in/callback')
    expect(log).not.toMatch(/secret-|rowan|Zedwing|eyJ/)
  })
})
