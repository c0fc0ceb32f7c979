import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { faultsOf } from '../access/faults.ts'
import { badRequest, conflict, type Fault, notFound, refusals } from '../access/problems.ts'
import { againWhenInTheWay } from '../database/again.ts'
import type { Notification } from '../words/notification.ts'
import { type NewVersion, receiveNewVersion, type Withdrawn, withdraw } from './change-notification.ts'
import { BODY_BYTES_MAX } from './import-notifications.ts'
import { receiptBody, withdrawnBody } from './notification-bodies.ts'
import { notificationBody } from './notification-body.ts'
import { readNotification } from './notification-faults.ts'
import { receiptFor } from './receipt.ts'
import type { Intake, Received } from './receive-notification.ts'

const TAG = 'Notifications'
const params = z.object({ id: z.string().describe('ntf_…, any version') })
const reason = () =>
  z.string().trim().min(1, 'Say why').max(2_000).describe('Why, in your own words. Kept sealed, and told to nobody')
const changeShape = z.strictObject({ reason: reason(), notification: z.unknown() })

/** What a force does about a notification after it was sent (contract §1): say it anew, or take it back. */
export function changeRoutes(app: App, deps: Intake & { access: Access }): void {
  const { access } = deps
  const onRequest = access.demand('notifications:write')
  app.post(
    '/v1/notifications/:id/versions',
    {
      bodyLimit: BODY_BYTES_MAX,
      onRequest,
      // As where a notification is sent: the schema documents, and every fault is answered together.
      validatorCompiler: () => () => true,
      schema: {
        tags: [TAG],
        summary: 'Say a notification anew',
        description:
          'A whole new body with the next version. Whoever holds something that has changed is corrected, whoever should not have been told is asked to destroy it.',
        params,
        body: z.strictObject({ reason: reason(), notification: notificationBody }),
        response: { 202: receiptBody, ...refusals },
      },
    },
    async (request, reply) => {
      const said = readChange(request.body, deps.now())
      const { id } = request.params
      const received = settledOr409(await againWhenInTheWay(() => receiveNewVersion(deps, access.clientOf(request), id, said)))
      if (received.kind === 'received before') reply.header('Idempotent-Replayed', 'true')
      const answer = receiptFor(received, said.notification)
      return reply.code(202).header('Location', answer.links.self).send(answer)
    },
  )
  app.post(
    '/v1/notifications/:id/withdrawal',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Take a notification back',
        description: 'What was seen is recalled, what was not is never sent. Withdrawing it again is answered the same.',
        params,
        body: z.strictObject({ reason: reason() }),
        response: { 202: withdrawnBody, ...refusals },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const done = await againWhenInTheWay(() => withdraw(deps, access.clientOf(request), id, request.body.reason))
      return reply.code(202).send(withdrawnOr409(done))
    },
  )
}

/** The change and the notification in it are read apart, so that every fault of both is named at once. */
function readChange(body: unknown, at: Temporal.Instant): { reason: string; notification: Notification } {
  const shape = changeShape.safeParse(body)
  const given = z.object({ notification: z.unknown() }).safeParse(body)
  const read = readNotification(given.success ? given.data.notification : undefined, at)
  const faults: Fault[] = [
    ...(shape.success ? [] : faultsOf(shape.error, changeShape)),
    ...(read.kind === 'faults' ? read.faults.map((fault) => ({ ...fault, pointer: `/notification${fault.pointer}` })) : []),
  ]
  if (!shape.success || read.kind === 'faults') throw badRequest(faults)
  return { reason: shape.data.reason, notification: read.notification }
}

function settledOr409(answer: NewVersion): Received {
  switch (answer.kind) {
    case 'no such notification':
      throw notFound('notification')
    case 'another reference':
      throw badRequest([
        {
          pointer: '/notification/policeReference',
          code: 'another-reference',
          detail: 'A version has the police reference of the notification it changes',
        },
      ])
    case 'not the next version':
      throw conflict('version-not-next', `The next version of this notification is ${answer.expected}`)
    default:
      return answer
  }
}

function withdrawnOr409(done: Withdrawn): z.infer<typeof withdrawnBody> {
  if (done.kind === 'no such notification') throw notFound('notification')
  if (done.kind === 'not to be withdrawn') {
    throw conflict('not-the-newest', 'Only the newest version can be withdrawn; its id is the last in the chain of next')
  }
  const { id, policeReference, version } = done.stored
  return {
    id,
    policeReference,
    version,
    state: 'withdrawn',
    links: { self: `/v1/notifications/${id}`, timeline: `/v1/notifications/${id}/timeline` },
  }
}
