import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound, Problem, refusals } from '../access/problems.ts'
import { openSpill } from '../access/spill.ts'
import { asAgency } from '../database/connection.ts'
import { keepsOwnHistory } from '../history/earlier-incident-register-store.ts'
import { importEarlierIncidents, lineResult } from './import-earlier-incidents.ts'
import type { Registers } from './register-writing.ts'

/** `POST /v1/registers/earlier-incidents`: a force's own history from before go-live (contract §7). */
export function earlierIncidentRoutes(app: App, deps: Registers & { access: Access }): void {
  app.post(
    '/v1/registers/earlier-incidents',
    {
      onRequest: deps.access.demand('registers:write'),
      schema: {
        tags: ['Registers'],
        summary: 'Give your force’s history from before go-live, one incident a line (application/x-ndjson)',
        description:
          'Each line is { policeReference, occurredAt, people }. It counts as history and dispatches nothing; notifications of the same people that were triaged before become due again. One result a line, in order, each after its commit.',
        consumes: ['application/x-ndjson'],
        response: {
          200: { description: 'One result a line', content: { 'application/x-ndjson': { schema: resultLines } } },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const client = deps.access.clientOf(request)
      const { body } = request
      if (!(body instanceof Readable)) {
        throw new Problem({ status: 415, code: 'unsupported-media-type', title: 'Send application/x-ndjson' })
      }
      if (!(await asAgency(deps.database, client.agency, keepsOwnHistory))) throw notFound('register')
      const results = await openSpill()
      importEarlierIncidents(deps, client, body, results).then(
        (notStored) => {
          if (notStored > 0) request.log.warn({ notStored, requestId: request.id }, 'earlier incidents were not stored')
          results.end()
        },
        (fault) => {
          const name = fault instanceof Error ? fault.name : 'unknown'
          request.log.error({ fault: name, requestId: request.id }, 'an import of earlier incidents broke off')
          results.end(fault)
        },
      )
      return reply.type('application/x-ndjson').send(Readable.from(results.read()))
    },
  )
}

/** A stream has no type of its own to the framework; its lines are documented all the same. */
const resultLines = z.unknown().meta(z.toJSONSchema(lineResult, { target: 'draft-2020-12' }))
