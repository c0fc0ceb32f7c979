import { headingLines, type Stage } from '../terminal/stage.ts'
import type { ApiClient } from './api-client.ts'
import { londonText } from './london-time.ts'

/** Who calls, and what with: real keys and ids, so that every line can be pasted. */
export interface Callers {
  url: string
  police: ApiClient
  socialCare: ApiClient
  school: ApiClient
  auditor: ApiClient
  queueId: string
  /** A notification to read and its timeline to follow. */
  notificationId: string
  /** What the school was told of, to be acknowledged. */
  dispatchId: string
  /** A notification to post: where, and a time a moment ago. */
  localAuthority: string
  reportedAt: Temporal.Instant
}

/** The addresses, and for each of the four users what to type. */
export function howToCallLines(stage: Stage, callers: Callers): string[] {
  const { url, police, socialCare, school, auditor, queueId, notificationId, dispatchId } = callers
  const addresses = [
    ['API', `${url}/v1`],
    ['Docs', `${url}/docs`],
    ['Health', `${url}/health`],
    ['Metrics', `${url}/metrics`],
  ]
  return [
    ...headingLines(stage, 'Try it', 'while the demo runs; the pretend teams have gone home'),
    ...addresses.map(([name = '', address = '']) => `  ${stage.paint('dim', name.padEnd(8))} ${address}`),
    ...user(stage, 'The police send a notification', post(police, `${url}/v1/notifications`, aNotification(callers))),
    ...user(stage, 'The police read what was decided', get(police, `${url}/v1/notifications/${notificationId}`)),
    ...user(stage, 'Social care lists its queue', get(socialCare, `${url}/v1/queues/${queueId}/dispatches`)),
    ...user(
      stage,
      'Social care collects what waits',
      post(socialCare, `${url}/v1/queues/${queueId}/collect`, ['{"max": 10, "leaseSeconds": 60}']),
    ),
    ...user(
      stage,
      'The school’s key adult acknowledges',
      post(school, `${url}/v1/dispatches/${dispatchId}/acknowledgement`, ['{"by": "key adult"}']),
    ),
    ...user(stage, 'An auditor follows the timeline', get(auditor, `${url}/v1/notifications/${notificationId}/timeline`)),
    ...user(stage, 'An auditor asks whether all is complete', get(auditor, `${url}/v1/audit/completeness`)),
  ]
}

/** Short, and enough for a referral: whatever a notification leaves out is unknown, and asked about. */
function aNotification({ localAuthority, reportedAt }: Callers): string[] {
  const at = londonText(reportedAt)
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
