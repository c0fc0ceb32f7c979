import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { resultsOf, streamed } from '../access/import-lines.ts'
import { badRequest, notFound, refusals } from '../access/problems.ts'
import { purposeHeaders, purposeOfPerson } from '../access/purpose.ts'
import { asAgency } from '../database/connection.ts'
import { changeRoutes } from './change-routes.ts'
import { BODY_BYTES_MAX, importNotifications } from './import-notifications.ts'
import { decidedBody, foundBody, receiptBody } from './notification-bodies.ts'
import { notificationBody } from './notification-body.ts'
import { readNotification } from './notification-faults.ts'
import { versionsOf } from './notification-store.ts'
import { readDecided } from './read-notification.ts'
import { receiptFor } from './receipt.ts'
import { type Intake, receiveNotification } from './receive-notification.ts'
import { restrictionRoutes } from './restriction-routes.ts'
import { telephoneRoutes } from './telephone-routes.ts'

/** The police's door (contract §1 and §2). */
export function notificationRoutes(app: App, deps: Intake & { access: Access }): void {
  const { access } = deps
  app.post(
    '/v1/notifications',
    {
      bodyLimit: BODY_BYTES_MAX,
      onRequest: access.demand('notifications:write'),
      // The schema documents; the handler reads, because shape and the checks between fields are answered together.
      validatorCompiler: () => () => true,
      schema: {
        tags: ['Notifications'],
        summary: 'Send a notification',
        description:
          'Answered 202 only after the commit. The same body again is answered the same, with Idempotent-Replayed: true.',
        body: notificationBody,
        headers: z.looseObject({ 'idempotency-key': z.string().max(255).optional() }),
        response: { 202: receiptBody, ...refusals },
      },
    },
    async (request, reply) => {
      const read = readNotification(request.body, deps.now())
      if (read.kind === 'faults') throw badRequest(read.faults)
      const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key'])
      const received = await receiveNotification(deps, {
        client: access.clientOf(request),
        notification: read.notification,
        idempotencyKey,
      })
      const answer = receiptFor(received, read.notification)
      if (received.kind === 'received before') reply.header('Idempotent-Replayed', 'true')
      return reply.code(202).header('Location', answer.links.self).send(answer)
    },
  )
  importRoute(app, deps)
  readingRoutes(app, deps)
  changeRoutes(app, deps)
  telephoneRoutes(app, deps)
  restrictionRoutes(app, deps)
}

function importRoute(app: App, deps: Intake & { access: Access }): void {
  app.post(
    '/v1/notifications/imports',
    {
      onRequest: deps.access.demand('notifications:write'),
      schema: {
        tags: ['Notifications'],
        summary: 'Send many notifications, one a line (application/x-ndjson)',
        description: 'One result a line, in order, each after its commit. A line with faults does not stop the rest.',
        consumes: ['application/x-ndjson'],
        response: { 200: z.unknown().describe('One result a line, application/x-ndjson'), ...refusals },
      },
    },
    async (request, reply) => {
      const client = deps.access.clientOf(request)
      const lines = streamed(request)
      const results = await resultsOf(request, 'notifications', (spill) => importNotifications(deps, client, lines, spill))
      return reply.type('application/x-ndjson').send(results)
    },
  )
}

function readingRoutes(app: App, deps: Intake & { access: Access }): void {
  const { access } = deps
  app.get(
    '/v1/notifications/:id',
    {
      onRequest: access.demand('notifications:read'),
      schema: {
        tags: ['Notifications'],
        summary: 'What was decided about a notification, and what came of it',
        description: 'A person who is signed in says why in Daymark-Purpose; a key or a token need not.',
        params: z.object({ id: z.string().describe('ntf_…') }),
        headers: purposeHeaders,
        response: { 200: decidedBody, ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const by = { actor: client.id, at: deps.now(), purpose: purposeOfPerson(client, request.headers) }
      const decided = await asAgency(deps.app, client.agency, (trx) => readDecided(trx, deps.keys, request.params.id, by))
      if (!decided) throw notFound('notification')
      return decided
    },
  )
  app.get(
    '/v1/notifications',
    {
      onRequest: access.demand('notifications:read'),
      schema: {
        tags: ['Notifications'],
        summary: 'Find the versions of one police reference',
        querystring: z.strictObject({ policeReference: z.string().min(1).max(100) }),
        response: { 200: foundBody, ...refusals },
      },
    },
    async (request) => {
      const { agency } = access.clientOf(request)
      const versions = await asAgency(deps.app, agency, (trx) => versionsOf(trx, agency, request.query.policeReference))
      return {
        notifications: versions.map((row) => ({
          id: row.id,
          policeReference: row.police_reference,
          version: row.version,
          state: row.state,
          receivedAt: row.received_at.toString(),
          links: { self: `/v1/notifications/${row.id}` },
        })),
      }
    },
  )
}

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw badRequest([{ pointer: '', code: 'idempotency-key', detail: 'Idempotency-Key holds 1 to 255 printable characters' }])
}
