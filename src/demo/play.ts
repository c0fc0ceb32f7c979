import type { Decided } from '../intake/notification-bodies.ts'
import { headingLines } from '../terminal/stage.ts'
import type { Notification } from '../words/notification.ts'
import type { Caller } from './api-client.ts'
import cast from './cast.json' with { type: 'json' }
import { sampleNotifications } from './sample-notifications.ts'
import { deliveriesOf, send, sendManifest, untilSettled, untilTriaged } from './send-and-wait.ts'
import { type Room, type Scene, setUp } from './set-up.ts'
import { signIn } from './sign-in.ts'
import { sitAtDesks, undecidedSentences } from './sit-at-desks.ts'
import { howToCallLines } from './tell-how-to-call.ts'
import { openReporter, type Reporter } from './tell-live.ts'
import { notificationLines, type Told } from './tell-notification.ts'
import { summaryLines } from './tell-summary.ts'
import type { TimelineEvent } from './tell-timeline.ts'
import { type Completeness, whatWentWrong } from './verdict.ts'

/** Services whose teams say what came of it. */
const ANSWERING = Object.keys(cast.outcomes)

/** Plays the evening through. @returns what went wrong, in sentences; nothing when all went well */
export async function play(room: Room): Promise<string[]> {
  const { stage, wall } = room
  const report = openReporter(stage, wall)
  const scene = await setUp(room, report)
  stage.say(...headingLines(stage, 'What happens'))
  const notifications = await sampleNotifications(wall())
  const ids = new Map<string, string>()
  const day = wall()
  for (const notification of notifications) ids.set(notification.policeReference, await send(scene, notification, report))
  await untilTriaged(room, scene, [...ids.keys()])
  const sitters = await comeToDesks(scene, report)
  const decisions = await sitAtDesks({ sitters, notifications: ids, report, stopping: room.stopping })
  await untilSettled(room, scene, ANSWERING)
  const manifest = await sendManifest(scene, { day, references: [...ids.keys()], report })
  const decided: Decided[] = []
  const speaking = { decisions, called: scene.called }
  for (const notification of notifications) {
    const told = await tellingOf(scene, ids.get(notification.policeReference) ?? '', notification)
    decided.push(told.decided)
    stage.say(...notificationLines(stage, told, speaking))
  }
  await scene.sendTeamsHome()
  const proof = {
    report: await scene.auditor.get<Completeness>('/v1/audit/completeness'),
    deliveries: await deliveriesOf(scene.auditor),
  }
  const outcomes = { expectedOf: ANSWERING, heard: scene.outcomesHeard }
  const wrong = [...whatWentWrong({ decided, outcomes, manifest, ...proof }), ...undecidedSentences(decisions)]
  stage.say(...summaryLines(stage, { ...proof, manifest, outcomesHeard: scene.outcomesHeard.size }, wrong))
  const [first] = notifications
  if (first) stage.say(...howToCallLines(stage, { scene, decided, localAuthority: first.incident.localAuthority, now: wall() }))
  return wrong
}

/** Whoever sits at each desk of the evening, by desk. */
async function comeToDesks(scene: Scene, report: Reporter): Promise<Map<string, Caller>> {
  const { reviewer, directory } = cast.people
  const sitters = new Map([
    ['domestic_abuse_review', await signIn(scene.daymark, scene.provider, { person: reviewer, report })],
    ['directory', await signIn(scene.daymark, scene.provider, { person: directory, report })],
  ])
  for (const sitter of sitters.values()) scene.introduce(sitter)
  return sitters
}

/** One notification as its force reads it, with what is recorded of it. */
async function tellingOf({ daymark, police, auditor }: Scene, id: string, notification: Notification): Promise<Told> {
  const decided = await police.get<Decided>(`/v1/notifications/${id}`)
  const outcome = await daymark.readOutcome(police.agency, id)
  const { events } = await auditor.get<{ events: TimelineEvent[] }>(`/v1/notifications/${id}/timeline`)
  return { notification, decided, outcome, events }
}
