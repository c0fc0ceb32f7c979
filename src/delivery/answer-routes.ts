import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { conflict, notFound, refusals } from '../access/problems.ts'
import type { QueueRoom } from './acknowledge.ts'
import { type Answered, recordOutcome, returnDispatch } from './answer-dispatch.ts'
import { answeredBody, dispatchParams, outcomeBody, returnBody } from './queue-bodies.ts'

const TAG = 'Dispatches'

/** What a recipient's agency answers about a dispatch it has had. */
export function answerRoutes(app: App, deps: QueueRoom & { access: Access }): void {
  const { access } = deps
  const onRequest = access.demand('dispatches:collect')
  app.post(
    '/v1/dispatches/:id/outcome',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Say what came of it',
        description: 'The code goes on the force’s timeline. A note stays sealed.',
        params: dispatchParams,
        body: outcomeBody,
        response: { 200: answeredBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      return answered(id, await recordOutcome(deps, access.clientOf(request), id, request.body))
    },
  )
  app.post(
    '/v1/dispatches/:id/return',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Give it back',
        description: 'It is held, a person is asked who is told instead, and the clock goes on.',
        params: dispatchParams,
        body: returnBody,
        response: { 200: answeredBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      return answered(id, await returnDispatch(deps, access.clientOf(request), id, request.body))
    },
  )
}

function answered(id: string, answer: Answered): { id: string } {
  if (answer.kind === 'no such dispatch') throw notFound('dispatch')
  if (answer.kind === 'nothing to answer')
    throw conflict(`dispatch-${answer.state.replace('_', '-')}`, `This dispatch is ${answer.state.replace('_', ' ')}`)
  return { id }
}
