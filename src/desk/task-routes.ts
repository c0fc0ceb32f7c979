import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, conflict, notFound, type Problem, refusals } from '../access/problems.ts'
import { purposeHeaders, readPurpose } from '../access/purpose.ts'
import { asAgency } from '../database/connection.ts'
import { claimTask, type DeskRoom, releaseTask, type TaskRefusal } from './claim-task.ts'
import { showTask } from './read-task.ts'
import {
  claimBody,
  claimedBody,
  claimMinutes,
  listedOf,
  releaseBody,
  releasedBody,
  taskBody,
  taskParams,
  tasksBody,
  tasksQuery,
  waitsOf,
} from './task-bodies.ts'
import { type After, type ListedTask, pageOfTasks, waitingTasks } from './task-store.ts'

export const TAG = 'Desks'

/** Desks (contract §3): what waits for a person, and who has it. */
export function taskRoutes(app: App, deps: DeskRoom & { access: Access }): void {
  listRoute(app, deps)
  readRoute(app, deps)
  const { access } = deps
  const onRequest = access.demand('desk:decide')
  app.post(
    '/v1/tasks/:id/claim',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Take a task to yourself for a while',
        description: 'Claiming it again keeps it longer. When the claim ends, the task is anybody’s again.',
        params: taskParams,
        body: claimBody.nullish(),
        response: { 200: claimedBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      const claim = await claimTask(deps, access.clientOf(request), id, claimMinutes(request.body))
      if (claim.kind !== 'claimed') throw refusalOf(claim)
      const { by, until, fence } = claim
      return { id, state: 'claimed' as const, claimedBy: by, claimedUntil: until.toString(), fence }
    },
  )
  app.post(
    '/v1/tasks/:id/release',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Give a task back',
        params: taskParams,
        body: releaseBody.nullish(),
        response: { 200: releasedBody, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params
      const release = await releaseTask(deps, access.clientOf(request), id)
      if (release.kind !== 'released') throw refusalOf(release)
      return { id, state: 'open' as const }
    },
  )
}

function listRoute(app: App, { access, database, now }: DeskRoom & { access: Access }): void {
  app.get(
    '/v1/tasks',
    {
      onRequest: access.demand('desk:decide'),
      schema: {
        tags: [TAG],
        summary: 'What waits on your agency’s desks',
        description:
          'Highest victim risk first, not graded among them, then soonest due, then oldest. References alone: what is asked stands in each task. The next page stands in the Link header.',
        querystring: tasksQuery,
        response: { 200: tasksBody, ...refusals },
      },
    },
    async (request, reply) => {
      const client = access.clientOf(request)
      const { desk = null, state = null, cursor, limit } = request.query
      const after = cursor === undefined ? null : readCursor(cursor)
      const at = now()
      const { rows, waiting } = await asAgency(database, client.agency, async (trx) => ({
        rows: await pageOfTasks(trx, client, { desk, state, at }, { after, limit: limit + 1 }),
        waiting: await waitingTasks(trx, client),
      }))
      const last = rows.length > limit ? rows[limit - 1] : undefined
      if (last) reply.header('Link', `<${nextPage({ desk, state, limit }, last)}>; rel="next"`)
      return { tasks: rows.slice(0, limit).map((row) => listedOf(row, { at, by: client.id })), waits: waitsOf(waiting, at) }
    },
  )
}

function readRoute(app: App, deps: DeskRoom & { access: Access }): void {
  const { access } = deps
  app.get(
    '/v1/tasks/:id',
    {
      onRequest: access.demand('desk:decide'),
      schema: {
        tags: [TAG],
        summary: 'Read a task: what is asked, about whom, and what it rests on',
        description:
          'Every reading is recorded, with who read and why. The ETag names what was shown: sent back as If-Match with the decision, it is refused if something was added since.',
        params: taskParams,
        headers: purposeHeaders,
        response: { 200: taskBody, ...refusals },
      },
    },
    async (request, reply) => {
      const purpose = readPurpose(request.headers)
      const task = await showTask(deps, access.clientOf(request), request.params.id, purpose)
      if (!task) throw notFound('task')
      reply.header('ETag', `"${task.saw}"`)
      return task.body
    },
  )
}

/** Why somebody cannot have a task now. It says until when another person has it, and never who. */
export function refusalOf(refusal: TaskRefusal): Problem {
  switch (refusal.kind) {
    case 'no such task':
      return notFound('task')
    case 'somebody else has it':
      return conflict('task-is-anothers', `Somebody else has claimed this task until ${refusal.until.toString()}`)
    case 'decided before':
      return conflict('task-decided', 'This task is decided, and a decision is final')
    default: {
      const never: never = refusal
      return never
    }
  }
}

function nextPage(query: { desk: string | null; state: string | null; limit: number }, last: ListedTask): string {
  const cursor = Buffer.from(`${last.urgency} ${last.due_by.toString()} ${last.id}`).toString('base64url')
  const search = new URLSearchParams({ limit: String(query.limit), cursor })
  if (query.desk !== null) search.set('desk', query.desk)
  if (query.state !== null) search.set('state', query.state)
  return `/v1/tasks?${search}`
}

function readCursor(cursor: string): After {
  const [, urgency = '', time = '', id = ''] =
    /^([0-3]) (\S+) (tsk_[\w-]+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  try {
    return { urgency: Number(urgency), dueBy: Temporal.Instant.from(time), id }
  } catch {
    // Temporal throws for whatever is no time; to the caller it is one fault.
    throw badRequest([{ pointer: '', code: 'cursor', detail: 'Take the cursor from the link to the next page' }])
  }
}
