import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, conflict, type Problem, refusals } from '../access/problems.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { type Decided, type DecidingRoom, decideTask } from './decide-task.ts'
import { decidedBody, decisionBody } from './decision-body.ts'
import { taskParams } from './task-bodies.ts'
import { refusalOf, TAG } from './task-routes.ts'

/** What a person decides about a task (contract §3). */
export function decisionRoutes(app: App, deps: DecidingRoom & { access: Access }): void {
  const { access } = deps
  app.post(
    '/v1/tasks/:id/decision',
    {
      onRequest: access.demand('desk:decide'),
      // The schema documents; every fault of the form and of the sense is answered together.
      validatorCompiler: () => () => true,
      schema: {
        tags: [TAG],
        summary: 'Decide a task',
        description:
          'Final, and in the timeline with who and when; why stays sealed. Whom it tells is planned at once. Where a second person is needed, the first answer leaves the task open and says so, and somebody else decides the same.',
        params: taskParams,
        headers: z.looseObject({
          'if-match': z.string().optional().describe('The ETag of your reading: refused if something was added since'),
        }),
        body: decisionBody,
        response: { 200: decidedBody, ...refusals },
      },
    },
    async (request, reply) => {
      const decided = await againWhenInTheWay(() =>
        decideTask(deps, access.clientOf(request), request.params.id, request.body, sawBefore(request.headers['if-match'])),
      )
      if (decided.kind !== 'answered') throw refusalOfDecision(decided)
      if (decided.replayed) reply.header('Idempotent-Replayed', 'true')
      return decided.answer
    },
  )
}

function sawBefore(header: unknown): string | null {
  const [, saw] = typeof header === 'string' ? (/^"([\w-]{1,100})"$/.exec(header.trim()) ?? []) : []
  return saw ?? (header === undefined || header === '*' ? null : '')
}

/** Why a decision does not stand. */
export function refusalOfDecision(refusal: Exclude<Decided, { kind: 'answered' }>): Problem {
  switch (refusal.kind) {
    case 'faults':
      return badRequest(refusal.faults)
    case 'another must agree':
      return conflict('second-person-needed', 'You have decided this already. It stands once another person decides the same.')
    case 'changed since':
      return conflict('task-changed', 'Something was added to this task since you read it. Read it again.')
    case 'not triaged yet':
      return conflict('newer-version-on-its-way', 'A newer version has come and is being triaged. Decide again in a moment.')
    case 'withdrawn':
      return conflict('notification-withdrawn', 'The force has withdrawn this notification: nobody is to be told of it.')
    case 'erased':
      return conflict('notification-erased', 'This notification is erased, and nothing about it can be decided.')
    default:
      return refusalOf(refusal)
  }
}
