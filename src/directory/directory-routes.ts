import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { resultsOf, streamed } from '../access/import-lines.ts'
import { notFound, Problem, refusals } from '../access/problems.ts'
import type { Spill } from '../access/spill.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { asAgency } from '../database/connection.ts'
import { type Directory, importRecipients, lineResult, operatorOnly, recipientLines } from './import-recipients.ts'
import { recipientAnswer, recipientBody, recipientParams } from './recipient-body.ts'
import { readOwnRecipient, type StoredRecipient } from './recipient-store.ts'
import { CSV, isCsv, schoolsOf } from './school-file.ts'
import { type Written, writeRecipients } from './write-recipient.ts'

/** The directory's door (contract §7): whom there is to tell, kept by the operator and, in part, by themselves. */
export function directoryRoutes(app: App, deps: Directory & { access: Access }): void {
  putRoute(app, deps)
  getRoute(app, deps)
  importRoute(app, deps)
}

function putRoute(app: App, { access, database, keys, now, webhookAllow }: Directory & { access: Access }): void {
  app.put(
    '/v1/directory/recipients/:id',
    {
      onRequest: access.demand('directory:write'),
      schema: {
        tags: ['Directory'],
        summary: 'Add or change a recipient',
        description:
          'Put whole. The operator writes every field; a recipient’s own agency changes its contacts, hours and terms. ' +
          'The put that makes a webhook answers its signing secret, once.',
        params: recipientParams,
        body: recipientBody(webhookAllow),
        response: { 200: recipientAnswer, 201: recipientAnswer, ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { id } = request.params
      const at = now()
      const { written, stored } = await againWhenInTheWay(() =>
        asAgency(database, client.agency, async (trx) => {
          const [one] = await writeRecipients(trx, keys.ring, [{ id, body: request.body }], { client, at, lookAgainAt: at })
          return { written: settled(one), stored: await readOwnRecipient(trx, keys.ring, id) }
        }),
      )
      if (!stored) throw notFound('recipient')
      const secret = 'secret' in written ? written.secret : undefined
      return reply.code(written.kind === 'added' ? 201 : 200).send({ ...answerOf(id, stored), ...(secret ? { secret } : {}) })
    },
  )
}

/** @throws a problem, which undoes the transaction, when the write was refused */
function settled(written: Written | undefined): Exclude<Written, { kind: 'not yours' | "the operator's" }> {
  if (!written || written.kind === 'not yours') throw notFound('recipient')
  if (written.kind === "the operator's") {
    throw new Problem({
      status: 403,
      code: 'operator-only',
      title: 'That is for the operator to change',
      detail: `Your agency may change contacts, hours, outOfHours, opensAt, terms and closedDays, and not: ${written.fields.join(', ')}`,
      errors: operatorOnly(written.fields),
    })
  }
  return written
}

function getRoute(app: App, { access, database, keys }: Directory & { access: Access }): void {
  app.get(
    '/v1/directory/recipients/:id',
    {
      onRequest: access.demand('directory:write'),
      schema: {
        tags: ['Directory'],
        summary: 'Read a recipient, one’s own or as the operator',
        params: recipientParams,
        response: { 200: recipientAnswer, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      const stored = await asAgency(database, access.clientOf(request).agency, (trx) => readOwnRecipient(trx, keys.ring, id))
      if (!stored) throw notFound('recipient')
      return answerOf(id, stored)
    },
  )
}

function importRoute(app: App, deps: Directory & { access: Access }): void {
  app.post(
    '/v1/directory/imports',
    {
      onRequest: deps.access.demand('directory:write'),
      schema: {
        tags: ['Directory'],
        summary: 'Write many recipients, one with its id a line, or schools as their register has them',
        description: IMPORTS,
        consumes: ['application/x-ndjson', CSV],
        response: {
          200: { description: 'One result a line', content: { 'application/x-ndjson': { schema: resultLines } } },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const client = deps.access.clientOf(request)
      const body = streamed(request)
      const take = isCsv(request)
        ? await schoolsOf(deps, client, request, body)
        : (spill: Spill) => importRecipients(deps, client, recipientLines(body, deps.webhookAllow), spill)
      const results = await resultsOf(request, 'directory', take)
      return reply.type('application/x-ndjson').send(results)
    },
  )
}

const IMPORTS =
  'One result a line, in order, each after its commit. A line with faults does not stop the rest. By the operator also text/csv, as ' +
  'it is downloaded from Get Information About Schools: the establishment fields, then the links. Windows-1252 or UTF-8. A school ' +
  'that is known by its URN keeps its channel, contacts, calendar and agency; one that is new has no address until it is put.'

/** A stream has no type of its own to the framework; its lines are documented all the same. */
const resultLines = z.unknown().meta(z.toJSONSchema(lineResult, { target: 'draft-2020-12' }))

function answerOf(id: string, { entry, disabled, writtenAt }: StoredRecipient): z.infer<typeof recipientAnswer> {
  return { id, ...entry, disabled, writtenAt: writtenAt.toString() }
}
