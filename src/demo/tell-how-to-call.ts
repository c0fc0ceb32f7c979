import type { Decided } from '../intake/notification-bodies.ts'
import { headingLines, type Stage } from '../terminal/stage.ts'
import type { ApiClient } from './api-client.ts'
import cast from './cast.json' with { type: 'json' }
import { londonText } from './london-time.ts'
import type { Scene } from './set-up.ts'

/** The evening as it stands at its end: real keys and ids, so that every line can be pasted. */
export interface Evening {
  scene: Scene
  decided: readonly Decided[]
  /** A notification to post: where, and now. */
  localAuthority: string
  now: Temporal.Instant
}

/** The addresses, and for each of the users what to type; nothing where the school of the cast was told nothing. */
export function howToCallLines(stage: Stage, { scene, decided, localAuthority, now }: Evening): string[] {
  const { daymark, police, auditor, reviewKey, recipients, provider } = scene
  const { url } = daymark
  const socialCare = recipients.get(cast.socialCare)
  const school = recipients.get(cast.school)
  const shown = decided.find(({ dispatches }) => dispatches.some(({ recipient }) => recipient.id === cast.school))
  const dispatch = shown?.dispatches.find(({ recipient }) => recipient.id === cast.school)
  if (!socialCare || !school || !shown || !dispatch) return []
  const queue = `${url}/v1/queues/${cast.socialCare}`
  const addresses = [
    ['API', `${url}/v1`],
    ['Docs', `${url}/docs`],
    ['Health', `${url}/health`],
    ['Metrics', `${url}/metrics`],
    ...(provider ? [['Sign in', `${url}/sign-in  in a browser: a click, and no password`]] : []),
  ]
  return [
    ...headingLines(stage, 'Try it', 'while the demo runs; the pretend teams have gone home'),
    ...addresses.map(([name = '', address = '']) => `  ${stage.paint('dim', name.padEnd(8))} ${address}`),
    ...user(stage, 'The police send a notification', post(police, `${url}/v1/notifications`, aNotification(localAuthority, now))),
    ...user(stage, 'The police read what was decided', get(police, `${url}/v1/notifications/${shown.id}`)),
    ...user(stage, 'Social care lists its queue', get(socialCare, `${queue}/dispatches`)),
    ...user(stage, 'Social care collects what waits', post(socialCare, `${queue}/collect`, ['{"max": 10, "leaseSeconds": 60}'])),
    ...user(
      stage,
      'The school says what came of it',
      post(school, `${url}/v1/dispatches/${dispatch.id}/outcome`, ['{"code": "child_seen"}']),
    ),
    ...user(stage, 'A reviewer lists what waits on the desk', get(reviewKey, `${url}/v1/tasks`)),
    ...user(stage, 'An auditor follows the timeline', get(auditor, `${url}/v1/notifications/${shown.id}/timeline`)),
    ...user(stage, 'An auditor asks whether all is complete', get(auditor, `${url}/v1/audit/completeness`)),
  ]
}

/** Short, and enough for a referral: whatever a notification leaves out is unknown, and asked about. */
function aNotification(localAuthority: string, now: Temporal.Instant): string[] {
  const at = londonText(now.round({ smallestUnit: 'minute', roundingMode: 'floor' }))
  return [
    `{"policeReference": "DC-TRY-IT", "version": 1,`,
    `  "incident": {"occurredAt": "${at}",`,
    `    "reportedAt": "${at}", "localAuthority": "${localAuthority}"},`,
    `  "riskAssessments": [{"personRef": "v1", "tool": "DASH", "grade": "high",`,
    `    "assessedAt": "${at}"}],`,
    `  "people": [{"ref": "v1", "role": "victim"},`,
    `    {"ref": "c1", "role": "child", "approximateAge": 7}]}`,
  ]
}

function user({ paint }: Stage, what: string, lines: readonly string[]): string[] {
  return ['', `  ${paint('cyan', what)}`, ...lines]
}

// Nothing is put before a line but the command itself, so that several lines can be taken up and pasted at once.
const get = ({ key }: ApiClient, address: string) => [`curl -s -H 'Authorization: Bearer ${key}' \\`, `  ${address}`]

function post({ key }: ApiClient, address: string, [first = '', ...rest]: readonly string[]): string[] {
  const body = [`  -d '${first}`, ...rest.map((line) => `  ${line}`)]
  const last = body.pop() ?? ''
  return [
    `curl -s -H 'Authorization: Bearer ${key}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  ${address} \\`,
    ...body,
    `${last}'`,
  ]
}
