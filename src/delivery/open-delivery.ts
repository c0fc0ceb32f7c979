import type { Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import type { DispatchId } from '../words/ids.ts'
import type { Doorbell } from './doorbell.ts'
import type { DueSource } from './due-loop.ts'
import { forgetHints } from './due-store.ts'
import type { MailSettings } from './email/mail-settings.ts'
import { openMailer } from './email/mailer.ts'
import { promptSource } from './email/send-prompts.ts'
import { openOutcomes } from './outcomes/tell-outcomes.ts'
import { openPushDelivery } from './push-dispatches.ts'
import { queueUpkeep } from './queue-upkeep.ts'
import { settleDueDispatches } from './settle-due.ts'
import { settleDueTasks } from './settle-due-tasks.ts'

/** The delivery room as a worker process runs it. */
export interface Delivery {
  /** For the delivery doorbell: sends one dispatch if it is due. */
  send: (id: DispatchId) => Promise<void>
  /** For the due loop: dispatches, tasks and prompts. */
  sources: DueSource[]
  /** Waits for what is under way. */
  close: () => Promise<void>
}

/** @param options.wall the real time, for `webhook-timestamp` alone */
export function openDelivery(options: {
  database: Database
  keys: Keys
  now: Clock
  wall: Clock
  webhookAllow: ReadonlySet<string>
  /** Null where no mail server is set. */
  mail: MailSettings | null
  /** Where links lead. */
  publicUrl: string | null
  bell: Doorbell
  /** Hears of what failed beside any one dispatch; the work is due again by itself. */
  faulted: (fault: unknown) => void
}): Delivery {
  const { database, keys, now, wall, bell, faulted } = options
  const mailer = options.mail === null ? null : openMailer(options.mail)
  const pushes = openPushDelivery({
    database,
    keys,
    now,
    wallSeconds: () => wall().epochMilliseconds / 1000,
    jitter: Math.random,
    allow: options.webhookAllow,
    mailer,
    publicUrl: options.publicUrl,
    faulted,
  })
  const prompts = promptSource({ database, keys, now, mailer, publicUrl: options.publicUrl, jitter: Math.random, faulted })
  const dispatches: DueSource<DispatchId> = {
    name: 'dispatches',
    hintDue: (at, limit) => settleDueDispatches({ db: database.kysely, keys, faulted }, at, limit),
    bell,
    direct: (ids) => Promise.all(ids.map((id) => pushes.deliver(id).catch(faulted))),
    forgetHints: (at) => forgetHints(database.kysely, at),
  }
  const tasks: DueSource = {
    name: 'tasks',
    hintDue: (at, limit) => settleDueTasks({ db: database.kysely, keys, faulted }, at, limit),
    bell: null,
    direct: async () => {},
    forgetHints: async () => {},
  }
  const outcomes = openOutcomes({
    database,
    ring: keys.ring,
    now,
    wallSeconds: () => wall().epochMilliseconds / 1000,
    jitter: Math.random,
    allow: options.webhookAllow,
    faulted,
  })
  const close = async () => {
    await outcomes.close()
    await pushes.close()
    mailer?.close()
  }
  return {
    send: pushes.deliver,
    sources: [dispatches, tasks, prompts, outcomes.source, ...queueUpkeep({ db: database.kysely, keys, faulted })],
    close,
  }
}
