import { setTimeout as pause } from 'node:timers/promises'
import type { Decided } from '../intake/notification-bodies.ts'
import { headingLines } from '../terminal/stage.ts'
import type { Notification } from '../words/notification.ts'
import cast from './cast.json' with { type: 'json' }
import { sampleNotifications } from './sample-notifications.ts'
import { type Room, type Scene, setUp } from './set-up.ts'
import { howToCallLines } from './tell-how-to-call.ts'
import { openReporter, type Reporter } from './tell-live.ts'
import { notificationLines } from './tell-notification.ts'
import { summaryLines } from './tell-summary.ts'
import type { TimelineEvent } from './tell-timeline.ts'
import { type Completeness, isSettled, settledCount, whatWentWrong } from './verdict.ts'

const LOOK_EVERY_MS = 150

/** Plays the evening through. @returns what went wrong, in sentences; nothing when all went well */
export async function play(room: Room): Promise<string[]> {
  const { stage, wall } = room
  const report = openReporter(stage, wall)
  const scene = await setUp(room, report)
  stage.say(...headingLines(stage, 'What happens'))
  const notifications = await sampleNotifications(wall())
  const ids: string[] = []
  for (const notification of notifications) ids.push(await send(scene, notification, report))
  const decided = await untilSettled(room, scene, ids)
  for (const [at, notification] of notifications.entries()) {
    const one = decided[at]
    if (one) stage.say(...notificationLines(stage, { notification, ...(await restOf(scene, one)) }, scene.called))
  }
  await scene.sendTeamsHome()
  const completeness = await scene.auditor.get<Completeness>('/v1/audit/completeness')
  const wrong = whatWentWrong(decided, completeness)
  stage.say(...summaryLines(stage, completeness, wrong))
  stage.say(...tryItLines(room, scene, notifications, decided))
  return wrong
}

/** Sends one as a police system does. */
async function send({ police }: Scene, notification: Notification, report: Reporter): Promise<string> {
  const { id } = await police.post<{ id: string }>('/v1/notifications', notification)
  const risk = notification.riskAssessments?.[0]?.grade.replace('_', ' ') ?? 'no'
  const children = notification.people.filter(({ role }) => role === 'child').length
  const whom = `${children} ${children === 1 ? 'child' : 'children'}`
  report(police.name, `send ${notification.policeReference}, ${risk} risk, ${whom}: 202, stored`)
  return id
}

/** Waits until everybody due has what is theirs or it is named why not, or until patience ends. */
async function untilSettled({ stage, stopping, pretend }: Room, scene: Scene, ids: readonly string[]): Promise<Decided[]> {
  const deadline = performance.now() + pretend.patienceMs
  for (;;) {
    stopping.throwIfAborted()
    scene.check()
    const decided = await Promise.all(ids.map((id) => scene.police.get<Decided>(`/v1/notifications/${id}`)))
    if (decided.every(isSettled) || performance.now() > deadline) {
      stage.progress('')
      return decided
    }
    const all = decided.flatMap(({ dispatches }) => dispatches)
    const settled = decided.reduce((sum, one) => sum + settledCount(one), 0)
    stage.progress(`  … ${settled} of ${all.length} acknowledged; waiting for ${waitedFor(decided)}`)
    await pause(LOOK_EVERY_MS)
  }
}

function waitedFor(decided: readonly Decided[]): string {
  const waiting = decided.flatMap(({ dispatches }) =>
    dispatches.flatMap(({ state, recipient }) => (state === 'acknowledged' ? [] : recipient.name)),
  )
  return waiting.length === 0 ? 'the rules' : [...new Set(waiting)].join(', ')
}

async function restOf({ daymark, police, auditor }: Scene, decided: Decided) {
  const outcome = await daymark.readOutcome(police.agency, decided.id)
  const { events } = await auditor.get<{ events: TimelineEvent[] }>(`/v1/notifications/${decided.id}/timeline`)
  return { decided, outcome, events }
}

function tryItLines(
  { stage, wall }: Room,
  scene: Scene,
  notifications: readonly Notification[],
  decided: readonly Decided[],
): string[] {
  const { daymark, police, auditor, recipients } = scene
  const socialCare = recipients.get(cast.socialCare)
  const school = recipients.get(cast.school)
  const dispatch = decided.flatMap(({ dispatches }) => dispatches).find(({ recipient }) => recipient.id === cast.school)
  const shown = decided.find(({ dispatches }) => dispatches.some(({ id }) => id === dispatch?.id))
  const { incident } = notifications[0] ?? {}
  if (!socialCare || !school || !dispatch || !shown || !incident) return []
  return howToCallLines(stage, {
    url: daymark.url,
    police,
    socialCare,
    school,
    auditor,
    queueId: cast.socialCare,
    notificationId: shown.id,
    dispatchId: dispatch.id,
    localAuthority: incident.localAuthority,
    reportedAt: wall().round({ smallestUnit: 'minute', roundingMode: 'floor' }),
  })
}
