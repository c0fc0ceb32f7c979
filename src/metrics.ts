import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { App } from './access/app.ts'
import type { Database } from './database/connection.ts'
import type { Clock } from './words/clock.ts'

/** What the service counts: never a name, an id or a reference, because a metric is kept for years and seen by many. */
export interface Metrics {
  /** Counts every answer by route pattern and status. */
  observe: (app: App) => void
  text: () => Promise<string>
}

/** Numbers for the operator's dashboards. What is due and how long it has waited is read from Postgres when asked. */
export function openMetrics(auditor: Database, now: Clock): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const answers = new Counter({
    name: 'daymark_http_answers_total',
    help: 'Answers by route and status',
    labelNames: ['route', 'status'],
    registers: [register],
  })
  const durations = new Histogram({
    name: 'daymark_http_seconds',
    help: 'Time to answer, in seconds',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [register],
  })
  new Gauge({
    name: 'daymark_oldest_due_seconds',
    help: 'How long the oldest due notification, dispatch, task or prompt has waited, in seconds',
    labelNames: ['of'],
    registers: [register],
    async collect() {
      for (const [of, seconds] of await oldestDue(auditor, now())) this.set({ of }, seconds)
    },
  })
  new Gauge({
    name: 'daymark_dispatches',
    help: 'Living dispatches by service, state and whether they are overdue',
    labelNames: ['service', 'state', 'overdue'],
    registers: [register],
    async collect() {
      this.reset()
      for (const row of await auditor.query<{ service: string; state: string; overdue: boolean; count: number }>(LIVING, [])) {
        this.set({ service: row.service, state: row.state, overdue: String(row.overdue) }, row.count)
      }
    },
  })
  countTasks(register, auditor)
  new Gauge({
    name: 'daymark_alarms',
    help: 'Alarms that stand, by what is silent and whose silence it is',
    labelNames: ['kind', 'agency'],
    registers: [register],
    async collect() {
      this.reset()
      for (const row of await auditor.query<{ kind: string; agency: string; count: number }>(ALARMS, [])) {
        this.set({ kind: row.kind, agency: row.agency }, row.count)
      }
    },
  })
  let last = { at: now(), text: Promise.resolve(''), first: true }
  return {
    observe: (app) =>
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'none'
        answers.inc({ route, status: reply.statusCode })
        durations.observe({ route }, reply.elapsedTime / 1000)
      }),
    text: () => {
      const at = now()
      if (at.epochMilliseconds - last.at.epochMilliseconds >= KEPT_MS || last.first)
        last = { at, text: register.metrics(), first: false }
      return last.text
    },
  }
}

/** What waits for a person. An overdue task about a victim at high risk is what to look at first. */
function countTasks(register: Registry, auditor: Database): void {
  new Gauge({
    name: 'daymark_tasks',
    help: 'Tasks nobody has decided, by desk, victim’s risk and whether they are overdue',
    labelNames: ['desk', 'risk', 'overdue'],
    registers: [register],
    async collect() {
      this.reset()
      const rows = await auditor.query<{ desk: string; risk: string; overdue: boolean; count: number }>(WAITING, [])
      for (const { desk, risk, overdue, count } of rows) this.set({ desk, risk, overdue: String(overdue) }, count)
    },
  })
}

const WAITING = `
  select desk, coalesce(victim_risk, 'upkeep') as risk, overdue, count(*)::int as count from task where state <> 'decided' group by 1, 2, 3`

/** Counting what lives costs Postgres more than answering a notification: everyone who asks within this time is told the same. */
const KEPT_MS = 5_000

const ALARMS = `select kind, agency, count(*)::int as count from alarm where ended_at is null group by 1, 2`

const LIVING = `select service, state, overdue, count(*)::int as count from dispatch where next_at is not null group by 1, 2, 3`

async function oldestDue(auditor: Database, at: Temporal.Instant): Promise<[string, number][]> {
  const text = `
    select 'notification' as of, min(next_at) as oldest from notification where next_at <= $1
    union all select 'dispatch', min(next_at) from dispatch where next_at <= $1
    union all select 'task', min(next_at) from task where next_at <= $1
    union all select 'prompt', min(next_at) from prompt where next_at <= $1`
  const rows = await auditor.query<{ of: string; oldest: Temporal.Instant | null }>(text, [at])
  return rows.map(({ of, oldest }) => [of, oldest ? (at.epochMilliseconds - oldest.epochMilliseconds) / 1000 : 0])
}
