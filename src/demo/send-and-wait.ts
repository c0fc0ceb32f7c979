import { setTimeout as pause } from 'node:timers/promises'
import type { Notification } from '../words/notification.ts'
import type { Caller } from './api-client.ts'
import { londonDay } from './london-time.ts'
import type { Room, Scene } from './set-up.ts'
import type { Reporter } from './tell-live.ts'
import { type Delivery, isAnswered, isSettled, type Manifest } from './verdict.ts'

const LOOK_EVERY_MS = 150

/** Sends one as a police system does. @returns its id */
export async function send({ police }: Scene, notification: Notification, report: Reporter): Promise<string> {
  const { id } = await police.post<{ id: string }>('/v1/notifications', notification)
  const risk = notification.riskAssessments?.[0]?.grade.replace('_', ' ') ?? 'no'
  const children = notification.people.filter(({ role }) => role === 'child').length
  const whom = `${children} ${children === 1 ? 'child' : 'children'}`
  report(police.name, `send ${notification.policeReference}, ${risk} risk, ${whom}: 202, stored`)
  return id
}

/** Says at the end of the day what was sent on it, as a police system does, so that what got lost is missed. */
export async function sendManifest(
  { police }: Scene,
  sent: { day: Temporal.Instant; references: readonly string[]; report: Reporter },
): Promise<Manifest> {
  const { day, references, report } = sent
  const path = `/v1/notifications/manifests/${londonDay(day)}`
  const manifest = await police.put<Manifest>(path, { references })
  const missing = manifest.notReceived.length
  const answer = missing === 0 ? 'nothing is missing' : `${missing} never came`
  report(police.name, `${missing === 0 ? '✓' : '✗'} put the day’s manifest: ${references.length} sent, ${answer}`)
  return manifest
}

/** Waits until the rules have been applied to each, or patience ends. @param references of what was sent */
export async function untilTriaged(room: Room, { police }: Scene, references: readonly string[]): Promise<void> {
  await until(room, async () => {
    const found = await Promise.all(
      references.map((reference) => police.get<Found>(`/v1/notifications?policeReference=${encodeURIComponent(reference)}`)),
    )
    const waiting = found.filter(({ notifications }) => notifications.some(({ state }) => state === 'received')).length
    return waiting === 0 ? null : `  … the rules are applied; ${waiting} to go`
  })
}

/**
 * Waits until everybody due has what is theirs and the force has heard what came of it, or patience ends. It looks at the list of
 * deliveries: reading a notification shows the notes beside its outcomes, and each showing is recorded.
 */
export async function untilSettled(room: Room, scene: Scene, answering: readonly string[]): Promise<void> {
  await until(room, async () => {
    scene.check()
    const deliveries = await deliveriesOf(scene.auditor)
    const waiting = deliveries.filter((one) => !isSettled(one) || !isAnswered(one, answering, scene.outcomesHeard))
    if (waiting.length === 0) return null
    const whom = [...new Set(waiting.map(({ recipient }) => recipient.name))].join(', ')
    return `  … ${deliveries.length - waiting.length} of ${deliveries.length} settled; waiting for ${whom}`
  })
}

/** Every delivery of the evening, as an auditor lists them. */
export async function deliveriesOf(auditor: Caller): Promise<Delivery[]> {
  const { deliveries } = await auditor.get<{ deliveries: Delivery[] }>('/v1/audit/deliveries?limit=200')
  return deliveries
}

interface Found {
  notifications: readonly { state: string }[]
}

/** Looks over and over. @param waitingFor says in a line what is waited for, or null once nothing is */
async function until({ stage, stopping, pretend }: Room, waitingFor: () => Promise<string | null>): Promise<void> {
  const deadline = performance.now() + pretend.patienceMs
  for (;;) {
    stopping.throwIfAborted()
    const line = await waitingFor()
    stage.progress(line ?? '')
    if (line === null || performance.now() > deadline) break
    await pause(LOOK_EVERY_MS)
  }
  stage.progress('')
}
