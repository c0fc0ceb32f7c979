import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { resultsOf, streamed } from '../access/import-lines.ts'
import { notFound, refusals } from '../access/problems.ts'
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
      const lines = streamed(request)
      if (!(await asAgency(deps.database, client.agency, keepsOwnHistory))) throw notFound('register')
      const results = await resultsOf(request, 'earlier incidents', (spill) => importEarlierIncidents(deps, client, lines, spill))
      return reply.type('application/x-ndjson').send(results)
    },
  )
}

/** A stream has no type of its own to the framework; its lines are documented all the same. */
const resultLines = z.unknown().meta(z.toJSONSchema(lineResult, { target: 'draft-2020-12' }))
