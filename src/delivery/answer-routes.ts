import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, conflict, notFound, refusals } from '../access/problems.ts'
import { outcomeCodes } from '../words/outcome-codes.ts'
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
        description:
          'Goes back to the force: the code on its timeline, and to its webhook where it has one; the note only to whoever there reads the ' +
          `notification. The codes are closed lists: ${codesInWords}. A later word replaces an earlier one.`,
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

const codesInWords = Object.entries(outcomeCodes)
  .map(([service, codes]) => `${service}: ${codes.join(', ')}`)
  .join('; ')

function answered(id: string, answer: Answered): { id: string } {
  if (answer.kind === 'no such dispatch') throw notFound('dispatch')
  if (answer.kind === 'no such code') {
    const codes = outcomeCodes[answer.service].join(', ')
    throw badRequest([{ pointer: '/code', code: 'not-a-choice', detail: `Of ${answer.service} the codes are: ${codes}` }])
  }
  if (answer.kind === 'nothing to answer')
    throw conflict(`dispatch-${answer.state.replace('_', '-')}`, `This dispatch is ${answer.state.replace('_', ' ')}`)
  return { id }
}
