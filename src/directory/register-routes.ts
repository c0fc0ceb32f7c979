import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency, type Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import { setCompleteFrom } from '../history/force-history-store.ts'
import type { Clock } from '../words/clock.ts'
import { keepsOpenCasesOf, removeOpenCase, writeOpenCase } from './open-case-store.ts'

/** What the registers' stories need; the database is the app's role. */
export interface Registers {
  database: Database
  keys: Keys
  now: Clock
}

const PEOPLE_MAX = 100
/** As for a notification: a clock may be this far ahead of ours, and no more. A future `asOf` would stay fresh for ever. */
const AHEAD_MINUTES = 5

const instant = () => z.iso.datetime({ offset: true, error: 'Write an RFC 3339 date and time with its offset' })
const name = () => z.string().trim().min(1).max(200)

const caseParams = z.object({
  authority: z.string().regex(/^[A-Z]\d{8}$/, 'Write the authority as its GSS code, a letter and eight digits'),
  caseReference: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e]+$/, 'Write the reference in printable characters without spaces')
    .describe('The authority’s own'),
})

const caseBody = z
  .strictObject({
    people: z
      .array(
        z.strictObject({
          givenNames: name(),
          familyName: name(),
          dateOfBirth: z.iso.date({ error: 'Write a date as YYYY-MM-DD' }).optional(),
          nhsNumber: z.string().min(1).max(64).optional(),
          upn: z.string().min(1).max(64).optional(),
        }),
      )
      .min(1)
      .max(PEOPLE_MAX),
    allocatedWorker: name().optional(),
    asOf: instant().describe('When the register said so; 48 hours later it reads as unknown'),
  })
  .meta({ id: 'OpenCase' })

const caseAnswer = z.object({ authority: z.string(), caseReference: z.string(), asOf: z.string(), people: z.int() })

/** The registers' door (contract §7): open cases, and from when a force's history is whole. */
export function registerRoutes(app: App, deps: Registers & { access: Access }): void {
  putOpenCase(app, deps)
  deleteOpenCase(app, deps)
  putHistory(app, deps)
}

function putOpenCase(app: App, { access, database, keys, now }: Registers & { access: Access }): void {
  app.put(
    '/v1/registers/open-cases/:authority/:caseReference',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Say that a case is open, and whom it is about',
        description: 'Put whole, by that authority’s social care or the operator.',
        params: caseParams,
        body: caseBody,
        response: { 200: caseAnswer, 201: caseAnswer, ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { authority, caseReference } = request.params
      const { people, allocatedWorker, asOf } = request.body
      const at = now()
      const open = { authority, caseReference, people, allocatedWorker, asOf: notAhead(asOf, at, '/asOf') }
      const { isNew } = await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsOpenCasesOf(trx, client.agency, authority))) throw notFound('register')
        const written = await writeOpenCase(trx, keys, open, at)
        const kind = written.isNew ? 'open case added' : 'open case changed'
        const detail = { caseReference, people: people.length, asOf: open.asOf.toString() }
        await appendAuditEvents(trx, at, [{ stream: streamOf(authority), kind, actor: client.id, detail }])
        return written
      })
      const answer = { authority, caseReference, asOf: open.asOf.toString(), people: people.length }
      return reply.code(isNew ? 201 : 200).send(answer)
    },
  )
}

function deleteOpenCase(app: App, { access, database, now }: Registers & { access: Access }): void {
  app.delete(
    '/v1/registers/open-cases/:authority/:caseReference',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Take a closed case out of the register',
        params: caseParams,
        response: { 204: z.null().describe('Gone'), ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { authority, caseReference } = request.params
      const at = now()
      await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsOpenCasesOf(trx, client.agency, authority))) throw notFound('register')
        if (!(await removeOpenCase(trx, authority, caseReference))) throw notFound('open case')
        const event = { stream: streamOf(authority), kind: 'open case removed', actor: client.id, detail: { caseReference } }
        await appendAuditEvents(trx, at, [event])
      })
      return reply.code(204).send(null)
    },
  )
}

function putHistory(app: App, { access, database, now }: Registers & { access: Access }): void {
  const body = z.strictObject({ completeFrom: instant().describe('Every incident since then is here') })
  app.put(
    '/v1/registers/history',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Say from when your force’s history is whole here',
        description: 'Until then a count of earlier incidents that is below a threshold reads as unknown.',
        body,
        response: { 200: z.object({ completeFrom: z.string() }), ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const at = now()
      const from = notAhead(request.body.completeFrom, at, '/completeFrom')
      const completeFrom = from.toString()
      await writingAs(database, client.agency, async (trx) => {
        await setCompleteFrom(trx, client.agency, from, at)
        const detail = { force: client.agency, completeFrom }
        await appendAuditEvents(trx, at, [{ stream: 'service', kind: 'history declared whole', actor: client.id, detail }])
      })
      return { completeFrom }
    },
  )
}

/** Registers of many cases are sent side by side; their transactions may meet at the same chain. */
const writingAs: typeof asAgency = (database, agency, work) => againWhenInTheWay(() => asAgency(database, agency, work))

/** One chain an authority: nightly registers of a hundred authorities must not wait for one another. */
const streamOf = (authority: string) => `register:${authority}`

function notAhead(text: string, at: Temporal.Instant, pointer: string): Temporal.Instant {
  const moment = Temporal.Instant.from(text)
  if (Temporal.Instant.compare(moment, at.add({ minutes: AHEAD_MINUTES })) <= 0) return moment
  throw badRequest([{ pointer, code: 'in-the-future', detail: 'This time has not come yet' }])
}
