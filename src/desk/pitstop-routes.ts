import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound, Problem, refusals } from '../access/problems.ts'
import { purposeHeaders, readPurpose } from '../access/purpose.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { type DecidingRoom, decideTask } from './decide-task.ts'
import { decidedBody } from './decision-body.ts'
import { refusalOfDecision } from './decision-routes.ts'
import { type PitstopEntry, pitstopList } from './pitstop-list.ts'
import { listedTask, taskPerson } from './task-bodies.ts'
import { TAG } from './task-routes.ts'

const DECISIONS_MAX = 100

const listBody = z
  .object({
    date: z.string(),
    entries: z.array(
      z.object({
        task: listedTask,
        saw: z.string(),
        people: z.array(taskPerson),
        questions: z.array(z.object({ question: z.string(), recommends: z.string().nullable(), about: z.array(z.string()) })),
      }),
    ),
    more: z.boolean().describe('There are more than a list holds; the rest stand on the desk'),
  })
  .meta({ id: 'PitstopList' })

const sittingBody = z.strictObject({
  decisions: z
    .array(
      z.looseObject({
        taskId: z.string().max(100),
        saw: z.string().max(100).optional().describe('Of the list: refused if something was added since'),
      }),
    )
    .min(1)
    .max(DECISIONS_MAX)
    .describe('Each a decision as for one task, with its taskId'),
})
const outcomeOfOne = z.object({
  taskId: z.string(),
  status: z.int(),
  decided: decidedBody.nullable(),
  problem: z
    .object({
      code: z.string(),
      detail: z.string(),
      errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })),
    })
    .nullable(),
})
const sittingAnswer = z.object({ decisions: z.array(outcomeOfOne) }).meta({ id: 'PitstopDecisions' })

/** What a Pitstop meeting needs: what is before it, to read or to print, and its outcomes in one sitting. */
export function pitstopRoutes(app: App, deps: DecidingRoom & { access: Access }): void {
  listRoute(app, deps)
  const { access } = deps
  app.post(
    '/v1/pitstop/decisions',
    {
      onRequest: access.demand('desk:decide'),
      schema: {
        tags: [TAG],
        summary: 'Record the outcomes of a meeting',
        description:
          'Each is decided by itself, as if it had been sent alone, and answered in the same order. One that is refused holds none of the others back; the whole sent again is answered the same.',
        body: sittingBody.describe(`Up to ${DECISIONS_MAX} decisions, each with the fields of a decision on one task`),
        response: { 200: sittingAnswer, ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const decisions: z.infer<typeof outcomeOfOne>[] = []
      for (const { taskId, saw, ...said } of request.body.decisions) {
        try {
          const decided = await againWhenInTheWay(() => decideTask(deps, client, taskId, said, saw ?? null))
          if (decided.kind !== 'answered') throw refusalOfDecision(decided)
          decisions.push({ taskId, status: 200, decided: decided.answer, problem: null })
        } catch (refusal) {
          // A refusal is this one's own answer. Anything else is a fault, and whoever sent it sends the whole again.
          if (!(refusal instanceof Problem)) throw refusal
          const { status, code, message: detail, errors } = refusal
          decisions.push({ taskId, status, decided: null, problem: { code, detail, errors: [...errors] } })
        }
      }
      return { decisions }
    },
  )
}

function listRoute(app: App, deps: DecidingRoom & { access: Access }): void {
  const { access } = deps
  app.get(
    '/v1/pitstop/list',
    {
      onRequest: access.demand('desk:decide'),
      schema: {
        tags: [TAG],
        summary: 'What a Pitstop meeting has before it',
        description:
          'Every undecided question asked of that desk by the end of that day, the most urgent first. Each is a disclosure, recorded with its purpose. With Accept: text/csv, as a table to print.',
        querystring: z.strictObject({ date: z.iso.date().describe('The day of the meeting, Europe/London') }),
        headers: purposeHeaders,
        response: { 200: z.union([listBody, z.string().describe('With Accept: text/csv')]), ...refusals },
      },
    },
    async (request, reply) => {
      const purpose = readPurpose(request.headers)
      const list = await pitstopList(deps, access.clientOf(request), request.query.date, purpose)
      if (!list) throw notFound('desk')
      if (!/\btext\/csv\b/.test(request.headers.accept ?? '')) return list
      return reply.type('text/csv; charset=utf-8').send(tableOf(list.entries))
    },
  )
}

/** One line a question. A cell that a spreadsheet would read as a formula is written as text. */
function tableOf(entries: readonly PitstopEntry[]): string {
  const rows = entries.flatMap(({ task, people, questions }) =>
    questions.map(({ question, recommends, about }) => ({
      task: task.id,
      policeReference: task.policeReference ?? '',
      victimRisk: task.victimRisk ?? '',
      dueBy: task.dueBy,
      overdue: task.overdue ? 'yes' : 'no',
      about: people
        .filter(({ ref }) => about.includes(ref))
        .map(({ givenNames, familyName, dateOfBirth }) =>
          [givenNames, familyName, dateOfBirth].filter((part) => part !== null).join(' '),
        )
        .join('; '),
      question,
      recommends: recommends ?? '',
      decision: '',
      rationale: '',
    })),
  )
  const columns = [
    'task',
    'policeReference',
    'victimRisk',
    'dueBy',
    'overdue',
    'about',
    'question',
    'recommends',
    'decision',
    'rationale',
  ]
  return stringify(rows, { header: true, columns, escape_formulas: true })
}
