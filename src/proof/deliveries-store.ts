import { sql } from 'kysely'
import type { Db } from '../database/connection.ts'
import type { DispatchState } from '../words/dispatch.ts'
import type { Service } from '../words/recipient.ts'

/** What an auditor asks of the deliveries; every part may be left out. */
export interface DeliveriesWanted {
  service?: Service
  /** Where it happened, or whom the recipient serves. */
  authority?: string
  state?: DispatchState
  overdue?: boolean
  /** By the moment the dispatch was planned. */
  from?: Temporal.Instant
  to?: Temporal.Instant
}

/** One dispatch with every time of its life. References and ids only: nobody's name but the recipient's own. */
export interface Delivery {
  id: string
  notification: string
  policeReference: string | null
  service: string
  kind: string
  recipient: string
  recipientName: string
  channel: string
  state: string
  overdue: boolean
  lateOnArrival: boolean
  attempts: number
  plannedAt: Temporal.Instant
  dueBy: Temporal.Instant
  collectedAt: Temporal.Instant | null
  deliveredAt: Temporal.Instant | null
  acknowledgedAt: Temporal.Instant | null
}

/** Where a page begins: just after this dispatch. */
export interface DeliveriesCursor {
  plannedAt: Temporal.Instant
  id: string
}

/** One page of deliveries, oldest first. A recipient's agency does not see the notification's row, so its reference is null there. */
export async function readDeliveries(
  db: Db,
  wanted: DeliveriesWanted,
  after: DeliveriesCursor | null,
  limit: number,
): Promise<Delivery[]> {
  const { service, authority, state, overdue, from, to } = wanted
  return db
    .selectFrom('dispatch as d')
    .innerJoin('recipient as r', 'r.id', 'd.recipient_id')
    .leftJoin('notification as n', 'n.id', 'd.notification_id')
    .select(['d.id', 'd.notification_id as notification', 'n.police_reference as policeReference', 'd.service', 'd.kind'])
    .select(['d.recipient_id as recipient', 'r.name as recipientName', 'd.channel', 'd.state', 'd.overdue', 'd.attempts'])
    .select(['d.late_on_arrival as lateOnArrival', 'd.planned_at as plannedAt', 'd.due_by as dueBy'])
    .select(['d.collected_at as collectedAt', 'd.delivered_at as deliveredAt', 'd.acknowledged_at as acknowledgedAt'])
    .$if(service !== undefined, (query) => query.where(sql<boolean>`d.service = ${service}`))
    .$if(state !== undefined, (query) => query.where(sql<boolean>`d.state = ${state}`))
    .$if(overdue !== undefined, (query) => query.where(sql<boolean>`d.overdue = ${overdue}`))
    .$if(authority !== undefined, (query) =>
      query.where(sql<boolean>`(n.authority = ${authority} or ${authority} = any(r.authorities))`),
    )
    .$if(from !== undefined, (query) => query.where(sql<boolean>`d.planned_at >= ${from}`))
    .$if(to !== undefined, (query) => query.where(sql<boolean>`d.planned_at < ${to}`))
    .$if(after !== null, (query) => query.where(sql<boolean>`(d.planned_at, d.id) > (${after?.plannedAt}, ${after?.id})`))
    .orderBy('d.planned_at')
    .orderBy('d.id')
    .limit(limit)
    .execute()
}
