import { type Cell, tableLines } from '../terminal/layout.ts'
import type { Stage } from '../terminal/stage.ts'
import { timeOfDay } from './london-time.ts'
import type { Names } from './people.ts'
import { decisionInWords } from './sit-at-desks.ts'
import { codeInWords } from './tell-live.ts'

/** An event of the timeline as the API gives it. */
export interface TimelineEvent {
  at: string
  kind: string
  actor: string
  dispatch?: string
  task?: string
  detail: Record<string, unknown>
}

interface Speaking {
  names: Names
  /** What people call a client or a recipient, by id. */
  called: (id: string) => string
}

/** What happened, when, and who did it: the audit's own events, in words. The same thing in a row is told once, with how often. */
export function timelineLines(stage: Stage, events: readonly TimelineEvent[], speaking: Speaking): string[] {
  const told: { at: string; what: string; who: string; times: number }[] = []
  const recipients = new Map<string, string>()
  for (const event of events) {
    const { dispatch, detail } = event
    if (dispatch !== undefined && typeof detail.recipient === 'string') recipients.set(dispatch, detail.recipient)
    const recipient = recipients.get(dispatch ?? '')
    const to = recipient === undefined ? 'the recipient' : speaking.called(recipient)
    const what = inOneSentence(event, to, speaking.names)
    const who = whoDid(event, to, speaking)
    const before = told.at(-1)
    if (before?.what === what && before.who === who) before.times += 1
    else told.push({ at: event.at, what, who, times: 1 })
  }
  const rows = told.map(({ at, what, who, times }): Cell[] => [
    { text: timeOfDay(Temporal.Instant.from(at)), style: 'dim' },
    { text: times === 1 ? what : `${what} (${times} times)` },
    { text: who, style: 'dim' },
  ])
  return tableLines({ titles: [], widest: [8, 60, 24], rows }, '  ', stage.paint)
}

/** A kind of event that is not known here is shown as the audit names it: nothing on a timeline is left out. */
function inOneSentence({ kind, detail }: TimelineEvent, to: string, names: Names): string {
  const about = names.list(refsIn(detail.about))
  switch (kind) {
    case 'notification received':
      return `Notification received, version ${detail.version}`
    case 'notification triaged':
      return `Rules applied: ${countOf(detail.due, 'telling')} due, ${missing(detail.notSent)}`
    case 'dispatch released':
      return `${capital(String(detail.kind))} to ${to} released: ${about}`
    case 'attempt failed':
      return `${to} ${why(detail)} at attempt ${detail.attempt}; ${next(detail.retryAt)}`
    case 'dispatch delivered':
      return `Delivered to ${to} at attempt ${detail.attempt}`
    case 'dispatch collected':
      return `Collected by ${to}`
    case 'dispatch acknowledged':
      return `Acknowledged by ${to}`
    case 'dispatch disclosed':
      return `Content shown: ${detail.purpose}`
    case 'dispatch outcome':
      return `What came of it at ${to}: ${codeInWords(String(detail.code))}`
    case 'outcome told':
      return `The force’s own system told of it: ${codeInWords(String(detail.code))}`
    case 'outcome note disclosed':
      return 'Note beside an outcome read'
    case 'link opened':
      return `Link in the mail opened, by one browser and no other`
    case 'not dispatched':
      return `Not sent, ${String(detail.service).replaceAll('_', ' ')} about ${about}: ${detail.reason}`
    case 'task opened':
    case 'task question added':
      return `${capital(kind)}: ${deskOf(detail)}, by ${countOf(detail.rules, 'rule')}`
    case 'task claimed':
      return `Task of the ${deskOf(detail)} claimed`
    case 'task disclosed':
      return `Task of the ${deskOf(detail)} read ${detail.purpose}`
    case 'task decided':
      return `Decided at the ${deskOf(detail)}: ${decisionInWords({ decision: String(detail.decision), services: refsIn(detail.services) })}`
    case 'decision planned':
      return `Decision applied: ${countOf(detail.due, 'telling')} due, ${missing(detail.notSent)}`
    default:
      return capital(kind)
  }
}

/** A link is followed by whoever it was sent to. */
function whoDid({ actor }: TimelineEvent, to: string, { called }: Speaking): string {
  if (actor === 'system') return 'Daymark'
  return actor.startsWith('lnk_') ? to : called(actor)
}

const deskOf = ({ desk }: Record<string, unknown>) => `${String(desk).replaceAll('_', ' ')} desk`

function why(detail: Record<string, unknown>): string {
  return detail.status === undefined
    ? `was not reached (${String(detail.outcome).replaceAll('_', ' ')})`
    : `answered ${detail.status}`
}

function next(retryAt: unknown): string {
  return typeof retryAt === 'string' ? `next at ${timeOfDay(Temporal.Instant.from(retryAt))}` : 'no next try'
}

function missing(notSent: unknown): string {
  return Array.isArray(notSent) && notSent.length > 0 ? `${notSent.length} without a dispatch` : 'all with a dispatch'
}

function refsIn(about: unknown): string[] {
  return Array.isArray(about) ? about.map(String) : []
}

function countOf(list: unknown, what: string): string {
  const count = Array.isArray(list) ? list.length : 0
  return count === 0 ? `no ${what}` : `${count} ${what}${count === 1 ? '' : 's'}`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
