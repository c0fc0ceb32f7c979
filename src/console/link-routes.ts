import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../access/app.ts'
import { loggedFault } from '../access/logged-fault.ts'
import { Problem } from '../access/problems.ts'
import {
  answerByLink,
  answeredByLink,
  type Follower,
  type LinkRoom,
  lookAtLink,
  openLink,
  type Refused,
  readByLink,
} from '../delivery/email/follow-link.ts'
import type { LinkAnswer } from '../delivery/email/link-use-store.ts'
import { LINK_PATH, linkNamedBy } from '../delivery/email/links.ts'
import { alertPage } from './alert/page.ts'
import { alertAnswered } from './alert-answered/page.ts'
import { alertClosed } from './alert-closed/page.ts'
import { alertWaiting } from './alert-waiting/page.ts'
import { sendPage } from './render.ts'
import { whomToRing } from './whom-to-ring.ts'

/** What the pages behind links need. */
export interface LinkPages extends LinkRoom {
  /** Cookies go over https alone. */
  secure: boolean
}

const params = z.object({ token: z.string().max(200) })
const answers = { acknowledged: 'acknowledged', 'seen-by-deputy': 'seen_by_deputy', 'not-here': 'not_here' } as const
const schema = { hide: true, params }
const NOT_OPENED = 'not opened yet'

/** The pages behind a link in an e-mail. Each works without JavaScript, and none names anybody in its address. */
export function linkRoutes(app: App, room: LinkPages): void {
  // In a place of their own: only these pages take a form, and only they answer a fault with a page.
  app.register(async (pages) => {
    if (!pages.hasContentTypeParser(FORM))
      pages.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: 1024 }, (_request, _body, done) => done(null, null))
    pages.setErrorHandler((fault, request, reply) => {
      const refused = refusalOf(fault)
      if (refused === null) request.log.error({ fault: loggedFault(fault), requestId: request.id }, 'a page failed')
      const page = alertClosed('fault', { phone: null, reference: null })
      return sendPage(reply.headers(refused?.headers ?? {}), refused === null ? page : { ...page, status: refused.status })
    })
    readingRoutes(pages, room)
    answeringRoutes(pages, room)
  })
}

const FORM = 'application/x-www-form-urlencoded'

/** What was asked for in a way we do not read, or too often; null where the fault is ours. */
function refusalOf(fault: unknown): { status: number; headers: Readonly<Record<string, string>> } | null {
  if (fault instanceof Problem) return fault
  if (!(fault instanceof Error) || !('statusCode' in fault) || typeof fault.statusCode !== 'number') return null
  return fault.statusCode >= 400 && fault.statusCode < 500 ? { status: fault.statusCode, headers: {} } : null
}

function readingRoutes(pages: App, room: LinkPages): void {
  pages.get(`${LINK_PATH}/:token`, { schema }, async (request, reply) => {
    const found = await lookAtLink(room, followerOf(request))
    if (found.kind === 'opened here') return goTo(reply, request, '/alert')
    return found.kind === 'waiting' ? sendPage(reply, alertWaiting(found.service)) : closed(room, reply, found)
  })
  pages.post(`${LINK_PATH}/:token`, { schema }, async (request, reply) => {
    const opened = await openLink(room, followerOf(request))
    if (opened.kind !== 'opened') return closed(room, reply, opened)
    reply.header('set-cookie', cookieFor(request.params.token, opened.cookie, room.secure))
    return goTo(reply, request, '/alert')
  })
  pages.get(`${LINK_PATH}/:token/alert`, { schema }, async (request, reply) => {
    const read = await readByLink(room, followerOf(request))
    if (read.kind === NOT_OPENED) return goTo(reply, request, '')
    if (read.kind !== 'alert') return closed(room, reply, read)
    return sendPage(reply, alertPage(read, placeOf(request, '/answers')))
  })
}

function answeringRoutes(pages: App, room: LinkPages): void {
  for (const [path, answer] of Object.entries(answers) satisfies [string, LinkAnswer][]) {
    pages.post(`${LINK_PATH}/:token/answers/${path}`, { schema }, async (request, reply) => {
      const answered = await answerByLink(room, followerOf(request), answer)
      if (answered.kind === NOT_OPENED) return goTo(reply, request, '')
      return answered.kind === 'answered' ? goTo(reply, request, '/answers') : closed(room, reply, answered)
    })
  }
  pages.get(`${LINK_PATH}/:token/answers`, { schema }, async (request, reply) => {
    const answered = await answeredByLink(room, followerOf(request))
    if (answered.kind === NOT_OPENED) return goTo(reply, request, '')
    if (answered.kind !== 'answered') return closed(room, reply, answered)
    return sendPage(reply, alertAnswered(answered.answer, placeOf(request, '/alert')))
  })
}

async function closed(room: LinkPages, reply: FastifyReply, refused: Refused): Promise<FastifyReply> {
  if (refused.kind === 'no such link') return sendPage(reply, alertClosed('no such link', { phone: null, reference: null }))
  const { link } = refused
  const phone = await whomToRing(room, link.force)
  return sendPage(
    reply,
    alertClosed(refused.kind === 'nothing to show' ? refused.why : refused.kind, { phone, reference: link.dispatchId }),
  )
}

type LinkRequest = FastifyRequest<{ Params: z.infer<typeof params> }>

function followerOf(request: LinkRequest): Follower {
  const { token } = request.params
  const name = cookieName(token)
  const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const mine = cookies.find((pair) => pair.startsWith(`${name}=`))
  return { token, cookie: mine === undefined ? null : mine.slice(name.length + 1) }
}

/** One cookie a link, named after the link and not the token. */
const cookieName = (token: string) => `daymark-${linkNamedBy(token)?.slice('lnk_'.length) ?? 'none'}`

/** Ends with the browser. `Lax`, because a link in a webmail is followed from another site. */
function cookieFor(token: string, secret: string, secure: boolean): string {
  return `${cookieName(token)}=${secret}; Path=${LINK_PATH}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

const placeOf = ({ params: { token } }: LinkRequest, path: string) => `${LINK_PATH}/${encodeURIComponent(token)}${path}`

/** After a form, so that going back or loading again sends nothing twice. */
const goTo = (reply: FastifyReply, request: LinkRequest, path: string) => reply.redirect(placeOf(request, path), 303)
