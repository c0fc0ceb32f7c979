import { afterAll } from 'vitest'
import type { App } from '../../src/access/app.ts'
import { linkRoutes } from '../../src/console/link-routes.ts'
import { styleRoutes } from '../../src/console/render.ts'
import { issueLinks } from '../../src/delivery/email/link-store.ts'
import { LINK_PATH, type LinkFor, tokenOf } from '../../src/delivery/email/links.ts'
import { buildWeb } from '../../src/web.ts'
import type { PlannedDispatch } from '../../src/words/dispatch.ts'
import type { DispatchId } from '../../src/words/ids.ts'
import { aClock } from './clock.ts'
import { aDeliveryRig, type DeliveryRig } from './delivery-rig.ts'

/** What a school may be told, as the allow-list cuts it. */
export const schoolContent = {
  kind: 'alert',
  policeReference: 'ZZ/0001/26',
  parentsInformed: 'unsafe',
  child: { givenNames: 'Merrin', familyName: 'Quillfeather', dateOfBirth: '2016-05-04' },
  incident: { occurredAt: '2026-03-06T20:10:00+00:00' },
  childPresent: 'yes',
  schoolShould: ['Observe how the child is.'],
  schoolMustNot: ['Do not question the child.'],
  policeData: 'This is police data.',
}

const webs: App[] = []
afterAll(async () => {
  for (const web of webs.splice(0)) await web.close()
})

/** An answer to a browser: what it shows, and where it sends on. */
export interface Shown {
  status: number
  html: string
  goesTo: string | null
  headers: Record<string, string | string[] | number | undefined>
}

/** Somebody's browser, with its cookies. It follows redirects, as browsers do, and runs no script. */
export interface Browser {
  get: (path: string) => Promise<Shown>
  /** Presses a button that sends to this address. */
  press: (path: string) => Promise<Shown>
}

export function aBrowser(web: App): Browser {
  const cookies = new Map<string, string>()
  async function send(method: 'GET' | 'POST', path: string): Promise<Shown> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const form = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
    const answer = await web.inject({
      method,
      url: path,
      headers: { ...form, ...(cookie === '' ? {} : { cookie }) },
      payload: method === 'POST' ? '' : undefined,
    })
    for (const { name, value } of answer.cookies) cookies.set(name, value)
    const to = answer.headers.location
    if (typeof to === 'string') return { ...(await send('GET', to)), goesTo: to }
    return { status: answer.statusCode, html: answer.payload, goesTo: null, headers: answer.headers }
  }
  return { get: (path) => send('GET', path), press: (path) => send('POST', path) }
}

/** A school that has had an alert by e-mail, and the pages its link leads to. */
export async function aSchoolLink(
  given: { planned?: Partial<PlannedDispatch>; contact?: LinkFor['contact']; rig?: DeliveryRig } = {},
) {
  const clock = aClock('2026-03-06T21:10:00Z')
  const rig = given.rig ?? (await aDeliveryRig())
  const recipient = `school-${webs.length + 1}`
  const contacts = [
    { name: 'A. Thistlewood', role: 'key_adult', email: `key.adult@${recipient}.example` },
    { name: 'B. Larkspur', role: 'deputy', email: `deputy@${recipient}.example` },
  ] as const
  await rig.addRecipient(
    { id: recipient, channel: { kind: 'email', address: `office@${recipient}.example` }, contacts: [...contacts] },
    clock.now(),
  )
  const { notification, ids } = await rig.store([{ recipientId: recipient, content: schoolContent, ...given.planned }], {
    at: clock.now(),
  })
  const [dispatch = 'dsp_none'] = ids
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 10_000,
    version: '0.0.0',
    addRoutes: (app) => {
      styleRoutes(app)
      linkRoutes(app, { database: rig.app, keys: rig.keys, now: clock.now, secure: false })
    },
  })
  webs.push(web)
  await web.ready()
  const another = (contact: LinkFor['contact'] = 'mailbox') =>
    pathOfNewLink(rig, { dispatch, recipient, contact, at: clock.now() })
  const path = await another(given.contact)
  return { rig, clock, web, recipient, notification, dispatch, path, another, browser: aBrowser(web) }
}

async function pathOfNewLink(
  rig: DeliveryRig,
  about: { dispatch: DispatchId; recipient: string; contact: LinkFor['contact']; at: Temporal.Instant },
): Promise<string> {
  const { dispatch: dispatchId, recipient: recipientId, contact, at } = about
  const [link] = await issueLinks(rig.worker, { dispatchId, recipientId, contact, dueBy: at.add({ hours: 12 }), count: 1 }, at)
  if (!link) throw new Error('No link was made')
  return `${LINK_PATH}/${tokenOf(rig.keys.service.link, link)}`
}

/** What a page says, without its marks, for a test to read. */
export const wordsOn = ({ html }: Shown) =>
  html
    .replace(/<(head|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')
