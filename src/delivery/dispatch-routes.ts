import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { conflict, notFound, refusals } from '../access/problems.ts'
import { purposeHeaders, readPurpose } from '../access/purpose.ts'
import { type Acknowledgement, acknowledge, type QueueRoom, renewLease } from './acknowledge.ts'
import { readDispatch } from './collect.ts'
import { acknowledgedBody, acknowledgementBody, dispatchBody, dispatchParams, renewalBody, renewedBody } from './queue-bodies.ts'

const TAG = 'Dispatches'

/** What a recipient's agency does with one dispatch, whether it was collected or delivered. */
export function dispatchRoutes(app: App, deps: QueueRoom & { access: Access }): void {
  readingRoute(app, deps)
  const { access } = deps
  const onRequest = access.demand('dispatches:collect')
  app.post(
    '/v1/dispatches/:id/acknowledgement',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Say that you have it',
        description:
          'Saying it again is answered the same. After the lease has ended it still counts, unless somebody else has collected it.',
        params: dispatchParams,
        body: acknowledgementBody,
        response: { 200: acknowledgedBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      const at = whenAcknowledged(await acknowledge(deps, access.clientOf(request), id, request.body))
      return { id, state: 'acknowledged' as const, acknowledgedAt: at.toString() }
    },
  )
  app.post(
    '/v1/dispatches/:id/renewal',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Keep a lease longer',
        params: dispatchParams,
        body: renewalBody,
        response: { 200: renewedBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      const renewal = await renewLease(deps, access.clientOf(request), id, request.body)
      if (renewal.kind === 'no such dispatch') throw notFound('dispatch')
      if (renewal.kind === 'the lease is not yours')
        throw conflict('lease-lost', 'This lease has ended, or is not the one that token was given for. Collect again.')
      return { id, lease: { token: request.body.leaseToken, expiresAt: renewal.until.toString() } }
    },
  )
}

function readingRoute(app: App, deps: QueueRoom & { access: Access }): void {
  const { access } = deps
  app.get(
    '/v1/dispatches/:id',
    {
      onRequest: access.demand('dispatches:collect'),
      schema: {
        tags: [TAG],
        summary: 'Read a dispatch again',
        description: 'Every reading is recorded, with who read and why.',
        params: dispatchParams,
        headers: purposeHeaders,
        response: { 200: dispatchBody, ...refusals },
      },
    },
    async (request) => {
      const purpose = readPurpose(request.headers)
      const dispatch = await readDispatch(deps, access.clientOf(request), request.params.id, purpose)
      if (!dispatch) throw notFound('dispatch')
      return dispatch
    },
  )
}

function whenAcknowledged(acknowledgement: Acknowledgement): Temporal.Instant {
  switch (acknowledgement.kind) {
    case 'acknowledged':
    case 'already acknowledged':
      return acknowledgement.at
    case 'no such dispatch':
      throw notFound('dispatch')
    case 'somebody else has it':
      throw conflict('lease-is-anothers', 'That lease token is not this dispatch’s: somebody else has collected it since.')
    case 'not to be acknowledged':
      throw conflict(
        `dispatch-${acknowledgement.state}`,
        `This dispatch is ${acknowledgement.state}; there is nothing to acknowledge.`,
      )
    default: {
      const never: never = acknowledgement
      return never
    }
  }
}
