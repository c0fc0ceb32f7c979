import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound, refusals } from '../access/problems.ts'
import { instantText } from '../access/times.ts'
import { appendAuditEvents } from '../audit/append-audit-events.ts'
import { setCompleteFrom } from '../history/force-history-store.ts'
import { earlierIncidentRoutes } from './earlier-incident-routes.ts'
import { maracRoutes } from './marac-routes.ts'
import { keepsOpenCasesOf, removeOpenCase, writeOpenCase } from './open-case-store.ts'
import {
  date,
  flags,
  flagsOf,
  identifier,
  name,
  newerKept,
  notAhead,
  type Registers,
  reference,
  writingAs,
} from './register-writing.ts'
import { rollRoutes } from './roll-routes.ts'

const PEOPLE_MAX = 100

const caseParams = z.object({
  authority: z.string().regex(/^[A-Z]\d{8}$/, 'Write the authority as its GSS code, a letter and eight digits'),
  caseReference: reference().describe('The authority’s own'),
})

const caseBody = z
  .strictObject({
    people: z
      .array(
        z.strictObject({
          givenNames: name(),
          familyName: name(),
          dateOfBirth: date().optional(),
          nhsNumber: identifier().optional(),
          upn: identifier().optional(),
        }),
      )
      .min(1)
      .max(PEOPLE_MAX),
    allocatedWorker: name().optional(),
    asOf: instantText().describe('When the register said so; 48 hours later it reads as unknown'),
  })
  .meta({ id: 'OpenCase' })

const closing = z.strictObject({
  asOf: instantText().optional().describe('When the register said that it is closed; now unless given'),
})

const caseAnswer = z.object({
  authority: z.string(),
  caseReference: z.string(),
  asOf: z.string(),
  people: z.int(),
  flags: flags(),
})

/** The registers' door (contract §7): open cases, rolls, MARAC, and a force's history from before and since go-live. */
export function registerRoutes(app: App, deps: Registers & { access: Access }): void {
  putOpenCase(app, deps)
  deleteOpenCase(app, deps)
  putHistory(app, deps)
  rollRoutes(app, deps)
  maracRoutes(app, deps)
  earlierIncidentRoutes(app, deps)
}

function putOpenCase(app: App, { access, database, keys, now }: Registers & { access: Access }): void {
  app.put(
    '/v1/registers/open-cases/:authority/:caseReference',
    {
      onRequest: access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Say that a case is open, and whom it is about',
        description:
          'Put whole, by that authority’s social care or the operator. One that is older than what is kept, or than the closing of the case, is refused (409 `newer-kept`).',
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
      const isNew = await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsOpenCasesOf(trx, client.agency, authority))) throw notFound('register')
        const written = await writeOpenCase(trx, keys, open, at)
        if (written.kind === 'newer kept') throw newerKept(written.asOf)
        const kind = written.kind === 'added' ? 'open case added' : 'open case changed'
        const detail = { caseReference, people: people.length, asOf: open.asOf.toString() }
        await appendAuditEvents(trx, at, [{ stream: streamOf(authority), kind, actor: client.id, detail }])
        return written.kind === 'added'
      })
      const flagged = people.flatMap((person, index) => flagsOf(person, `/people/${index}`, keys))
      const answer = { authority, caseReference, asOf: open.asOf.toString(), people: people.length, flags: flagged }
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
        description:
          'A later push of the case from before it was closed does not open it again; one that is newer than `asOf` stays open (409 `newer-kept`).',
        params: caseParams,
        querystring: closing,
        response: { 204: z.null().describe('Gone'), ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { authority, caseReference } = request.params
      const at = now()
      const asOf = request.query.asOf === undefined ? null : notAhead(request.query.asOf, at, '/asOf')
      await writingAs(database, client.agency, async (trx) => {
        if (!(await keepsOpenCasesOf(trx, client.agency, authority))) throw notFound('register')
        const removed = await removeOpenCase(trx, { authority, caseReference }, asOf, at)
        if (removed.kind === 'no such case') throw notFound('open case')
        if (removed.kind === 'newer kept') throw newerKept(removed.asOf)
        const event = { stream: streamOf(authority), kind: 'open case removed', actor: client.id, detail: { caseReference } }
        await appendAuditEvents(trx, at, [event])
      })
      return reply.code(204).send(null)
    },
  )
}

function putHistory(app: App, { access, database, now }: Registers & { access: Access }): void {
  const body = z.strictObject({ completeFrom: instantText().describe('Every incident since then is here') })
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

/** One chain an authority: nightly registers of a hundred authorities must not wait for one another. */
const streamOf = (authority: string) => `register:${authority}`
