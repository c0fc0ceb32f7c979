import { type Cell, tableLines } from '../terminal/layout.ts'
import type { Stage } from '../terminal/stage.ts'
import { timeOfDay } from './london-time.ts'
import type { Names } from './people.ts'

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
  for (const event of events) {
    const what = inOneSentence(event, speaking)
    const who = event.actor === 'system' ? 'Daymark' : speaking.called(event.actor)
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
function inOneSentence({ kind, detail }: TimelineEvent, { names, called }: Speaking): string {
  const to = typeof detail.recipient === 'string' ? called(detail.recipient) : 'the recipient'
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
    case 'not dispatched':
      return `Not sent, ${String(detail.service).replaceAll('_', ' ')} about ${about}: ${detail.reason}`
    case 'task opened':
    case 'task question added':
      return `${capital(kind)}: ${String(detail.desk).replaceAll('_', ' ')} desk, by ${countOf(detail.rules, 'rule')}`
    default:
      return capital(kind)
  }
}

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
