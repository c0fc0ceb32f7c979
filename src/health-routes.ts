import { z } from 'zod'
import type { App } from './access/app.ts'
import type { Config } from './config.ts'
import type { Database } from './database/connection.ts'
import { schemaIsCurrent } from './database/migrate.ts'
import { bankHolidayCover } from './routing/calendar.ts'
import type { Clock } from './words/clock.ts'

/** What one part of the service says of itself. `WARN` keeps the service up and wants a person. */
export interface ComponentHealth {
  status: 'UP' | 'WARN' | 'DOWN'
  detail?: string
}

/** What the health routes look at. */
export interface Health {
  app: Database
  now: Clock
  build: Config['build']
  version: string
  queue: () => Promise<ComponentHealth>
  mail: () => Promise<ComponentHealth>
  skewMs: () => number
  /** True from the moment the process was asked to stop. */
  stopping: () => boolean
  metrics: () => Promise<string>
  /** The ways in beside keys: people and tokens. */
  doors: () => Record<string, ComponentHealth>
}

const SKEW_WARN_MS = 2_000
const COVER_MONTHS = 6

const component = z.object({ status: z.enum(['UP', 'WARN', 'DOWN']), detail: z.string().optional() })
const healthBody = z.object({
  status: z.enum(['UP', 'WARN', 'DOWN']),
  components: z.record(z.string(), component),
  build: z.object({ buildNumber: z.string(), gitRef: z.string() }),
  version: z.string(),
  uptime: z.number().describe('Seconds'),
})

/** Probes and the like, as HMPPS services have them. Ready without the queue, and not without Postgres. */
export function healthRoutes(app: App, health: Health): void {
  const schema = { tags: ['Service'], security: [] }
  const up = z.object({ status: z.literal('UP') })
  app.get('/ping', { schema: { ...schema, summary: 'Is the process there?', response: { 200: up } } }, async () => ({
    status: 'UP' as const,
  }))
  app.get('/health/liveness', { schema: { ...schema, summary: 'Is the process alive?', response: { 200: up } } }, async () => ({
    status: 'UP' as const,
  }))
  app.get(
    '/health/readiness',
    { schema: { ...schema, summary: 'Can it take notifications in?', response: { 200: component, 503: component } } },
    async (_request, reply) => {
      if (health.stopping()) return reply.code(503).send({ status: 'DOWN', detail: 'stopping' })
      const postgres = await postgresHealth(health.app)
      return reply.code(postgres.status === 'DOWN' ? 503 : 200).send(postgres)
    },
  )
  app.get(
    '/health',
    { schema: { ...schema, summary: 'How each part is', response: { 200: healthBody, 500: healthBody } } },
    async (_request, reply) => {
      const components = {
        postgres: await postgresHealth(health.app),
        queue: await health.queue(),
        clock: clockHealth(health.skewMs()),
        bankHolidays: bankHolidayHealth(health.now()),
        ...health.doors(),
        email: await health.mail(),
        silence: await silenceHealth(health.app),
      }
      const statuses = Object.values(components).map(({ status }) => status)
      const down = components.postgres.status === 'DOWN'
      const status = down ? 'DOWN' : statuses.every((one) => one === 'UP') ? 'UP' : 'WARN'
      const { number, gitRef } = health.build
      return reply.code(down ? 500 : 200).send({
        status,
        components,
        build: { buildNumber: number, gitRef },
        version: health.version,
        uptime: Math.round(process.uptime()),
      })
    },
  )
  infoRoutes(app, health)
}

function infoRoutes(app: App, health: Health): void {
  const schema = { tags: ['Service'], security: [] }
  app.get(
    '/info',
    {
      schema: {
        ...schema,
        summary: 'Which build is this?',
        response: {
          200: z.object({
            git: z.object({ branch: z.string() }),
            build: z.object({ artifact: z.string(), version: z.string(), name: z.string() }),
            uptime: z.number(),
          }),
        },
      },
    },
    async () => ({
      git: { branch: health.build.gitBranch },
      build: { artifact: 'daymark', version: health.build.number, name: 'daymark' },
      uptime: Math.round(process.uptime()),
    }),
  )
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await health.metrics()),
  )
  app.get('/.well-known/security.txt', { schema: { hide: true } }, async (_request, reply) => {
    const expires = health
      .now()
      .add({ hours: 24 * 180 })
      .round('second')
    return reply
      .type('text/plain')
      .send(`Contact: mailto:security@daymark.example\nExpires: ${expires}\nPreferred-Languages: en\n`)
  })
}

/** Postgres answers and has every migration of this build. */
export async function postgresHealth(database: Database): Promise<ComponentHealth> {
  try {
    const current = await schemaIsCurrent((text) => database.query(text, []))
    return current ? { status: 'UP' } : { status: 'DOWN', detail: 'migrations are missing: run `npm run daymark -- migrate`' }
  } catch {
    return { status: 'DOWN', detail: 'it cannot be reached' }
  }
}

/** What is silent, by kind and number alone: whose it is stands at /v1/alarms, for those who may know. */
async function silenceHealth(database: Database): Promise<ComponentHealth> {
  try {
    const alarms = await database.query<{ kind: string; count: number }>('select kind, count from standing_alarms()', [])
    if (alarms.length === 0) return { status: 'UP' }
    return { status: 'WARN', detail: alarms.map(({ kind, count }) => `${kind}: ${count}`).join('; ') }
  } catch {
    return { status: 'WARN', detail: 'nobody can say: Postgres cannot be asked' }
  }
}

export function clockHealth(skewMs: number): ComponentHealth {
  if (Math.abs(skewMs) < SKEW_WARN_MS) return { status: 'UP' }
  return {
    status: 'WARN',
    detail: `this machine's clock is ${Math.abs(skewMs)} ms ${skewMs > 0 ? 'behind' : 'ahead of'} Postgres's`,
  }
}

/** Deadlines on a day after the last holiday we know would be too early, never too late; still somebody should bring the list up to date. */
export function bankHolidayHealth(at: Temporal.Instant): ComponentHealth {
  const cover = Temporal.PlainDate.from(bankHolidayCover())
  const soon = at.toZonedDateTimeISO('Europe/London').toPlainDate().add({ months: COVER_MONTHS })
  return Temporal.PlainDate.compare(cover, soon) >= 0
    ? { status: 'UP' }
    : { status: 'WARN', detail: `bank holidays are known until ${cover} only` }
}
