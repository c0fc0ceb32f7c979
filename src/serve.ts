import pino from 'pino'
import type { App } from './access/app.ts'
import { openDoors } from './access/doors.ts'
import { sessionRoutes } from './access/session-routes.ts'
import { signInRoutes } from './access/sign-in-routes.ts'
import { type RunningClock, startClock } from './clock.ts'
import type { Config } from './config.ts'
import { linkRoutes } from './console/link-routes.ts'
import { pitstopListRoutes } from './console/pitstop-list-routes.ts'
import { styleRoutes } from './console/render.ts'
import { type Database, openDatabase } from './database/connection.ts'
import { openServiceKeys } from './database/service-keys.ts'
import { openDoorbell } from './delivery/doorbell.ts'
import { watchMailServer } from './delivery/email/mail-health.ts'
import { outcomeWebhookRoutes } from './delivery/outcomes/outcome-webhook-routes.ts'
import { queueRoutes } from './delivery/queue-routes.ts'
import { deskRoutes } from './desk/desk-routes.ts'
import { directoryRoutes } from './directory/directory-routes.ts'
import { registerRoutes } from './directory/register-routes.ts'
import { type ComponentHealth, healthRoutes } from './health-routes.ts'
import { acceptTogether } from './intake/accept-together.ts'
import { notificationRoutes } from './intake/notification-routes.ts'
import { openMetrics } from './metrics.ts'
import { readDraft } from './policy/load.ts'
import { proofRoutes } from './proof/proof-routes.ts'
import { replayRoutes } from './replay/replay-routes.ts'
import { watchRoutes } from './watch/watch-routes.ts'
import { buildWeb } from './web.ts'
import type { Clock } from './words/clock.ts'

/** A process that serves the API. */
export interface Serving {
  url: string
  app: App
  /** Lets requests finish, then gives everything back. Twice is the same as once. */
  stop: () => Promise<void>
}

const VERSION = '0.1.0'
const STOP_WITHIN_MS = 10_000
const CONNECTIONS = { intake: 16, app: 10, auditor: 3, deciding: 4 }

/** Starts the API: pools, keys, doorbell, routes, and then the port. @param wall this machine's clock */
export function serve(config: Config, wall: Clock): Promise<Serving> {
  return serveBy(config, (database) => startClock(database, wall, config.clockStartsAt))
}

/** The same by a clock that somebody else moves, for a test that lives through a month. */
export async function serveBy(config: Config, startingClock: (database: Database) => Promise<RunningClock>): Promise<Serving> {
  const logger = openLogger(config.logLevel)
  const app = openDatabase(config.databaseUrl, 'daymark_app', CONNECTIONS.app)
  const intake = openDatabase(config.databaseUrl, 'daymark_intake', CONNECTIONS.intake)
  const auditor = openDatabase(config.databaseUrl, 'daymark_auditor', CONNECTIONS.auditor)
  // A decision plans dispatches, and only the worker's role may: it acts for a task that the app's role was shown (decision 0014).
  const worker = openDatabase(config.databaseUrl, 'daymark_worker', CONNECTIONS.deciding)
  const keys = { ring: config.keyRing, service: await openServiceKeys(app.kysely, config.keyRing) }
  const clock = await startingClock(app)
  const { now } = clock
  const bell = openDoorbell({ name: 'triage', redisUrl: config.redisUrl, databaseUrl: config.databaseUrl })
  const deliveryBell = openDoorbell({ name: 'delivery', redisUrl: config.redisUrl, databaseUrl: config.databaseUrl })
  const doors = openDoors(config, { database: app, keys, now })
  const { access, signIn } = doors
  const mail = watchMailServer(config.mail, now)
  const metrics = openMetrics(auditor, now)
  let stopping = false
  const web = await buildWeb({
    logger,
    requestsPerSecondMax: config.requestsPerSecondMax,
    version: VERSION,
    addRoutes: (to) => {
      metrics.observe(to)
      notificationRoutes(to, { access, intake, acceptOne: acceptTogether(intake), app, keys, now, ring: bell.ring })
      queueRoutes(to, { access, database: app, keys, now })
      outcomeWebhookRoutes(to, { access, database: app, keys, now, webhookAllow: config.webhookAllow })
      directoryRoutes(to, { access, database: app, keys, now, webhookAllow: config.webhookAllow })
      registerRoutes(to, { access, database: app, keys, now })
      deskRoutes(to, { access, database: app, worker, keys, now, ringDelivery: deliveryBell.ring, ringTriage: bell.ring })
      proofRoutes(to, { access, app, auditor, now })
      replayRoutes(to, { access, app, ring: config.keyRing, readDraft: (text) => readDraft('pack', Buffer.from(text)) })
      watchRoutes(to, { access, database: app, keys, now })
      signInRoutes(to, { access, signIn })
      sessionRoutes(to, { access, signIn })
      styleRoutes(to)
      pitstopListRoutes(to, { access, database: app, keys, now })
      linkRoutes(to, { database: app, keys, now, secure: config.publicUrl?.startsWith('https:') ?? false })
      healthRoutes(to, {
        app,
        now,
        build: config.build,
        version: VERSION,
        skewMs: clock.skewMs,
        stopping: () => stopping,
        metrics: metrics.text,
        doors: doors.health,
        mail: mail.health,
        queue: async (): Promise<ComponentHealth> =>
          (await bell.answers())
            ? { status: 'UP' }
            : { status: 'WARN', detail: 'the queue is away; everything goes on from Postgres, a little later' },
      })
    },
  })
  const url = await web.listen({ host: config.host, port: config.port })
  logger.info({ url, queue: config.redisUrl ? 'Redis' : 'Postgres' }, 'serving')
  return {
    url,
    app: web,
    stop: async () => {
      if (stopping) return
      stopping = true
      // An import that drips in for ever must not keep the process: what is not committed by then is sent again.
      const patience = setTimeout(() => web.server.closeAllConnections(), STOP_WITHIN_MS)
      await web.close()
      clearTimeout(patience)
      doors.close()
      mail.close()
      await Promise.all([bell.close(), deliveryBell.close()])
      clock.stop()
      await Promise.all([app.close(), intake.close(), auditor.close(), worker.close()])
    },
  }
}

/** One line a story: ids and kinds. The redaction is a net, not the plan. */
export function openLogger(level: string): pino.Logger {
  return pino({
    level,
    base: { service: 'daymark' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'req.headers.authorization',
        'headers.authorization',
        'req.headers.cookie',
        'headers.cookie',
        'authorization',
        'body',
        'notification',
        'content',
        '*.body',
        '*.content',
      ],
      censor: '[not logged]',
    },
  })
}
