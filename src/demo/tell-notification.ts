import type { Decided } from '../intake/notification-bodies.ts'
import { type Cell, hang, type Style, tableLines } from '../terminal/layout.ts'
import { headingLines, type Stage } from '../terminal/stage.ts'
import type { Notification } from '../words/notification.ts'
import type { Outcome } from '../words/outcome.ts'
import { dayAndTime } from './london-time.ts'
import { type Names, namesIn } from './people.ts'
import { type DecisionMade, decisionInWords } from './sit-at-desks.ts'
import { codeInWords } from './tell-live.ts'
import { rulingLines } from './tell-ruling.ts'
import { type TimelineEvent, timelineLines } from './tell-timeline.ts'

/** Everything there is to tell of one notification. */
export interface Told {
  notification: Notification
  decided: Decided
  outcome: Outcome | null
  events: readonly TimelineEvent[]
}

/** What is told of every notification in the same way. */
export interface Speaking {
  /** What people decided, by task. */
  decisions: ReadonlyMap<string, DecisionMade>
  /** What people call a caller or a recipient, by id. */
  called: (id: string) => string
}

export function notificationLines(stage: Stage, told: Told, { decisions, called }: Speaking): string[] {
  const { notification, decided, outcome, events } = told
  const names = namesIn(notification)
  const reported = dayAndTime(Temporal.Instant.from(notification.incident.reportedAt))
  const judged = outcome ? `${outcome.victimRisk.replace('_', ' ')} risk` : 'NOT TRIAGED'
  const title = `${decided.policeReference}   ${judged}`
  return [
    ...headingLines(stage, title, `reported ${reported}`),
    ...(outcome ? rulingLines(stage, outcome, names) : []),
    ...dispatchLines(stage, decided, names),
    ...outcomeLines(stage, decided),
    ...taskLines(stage, { decided, names, decisions }),
    '',
    `  ${stage.paint('cyan', 'Timeline')}`,
    ...timelineLines(stage, events, { names, called }),
  ]
}

/** What a state looks like. The sign and the word say what the colour says. */
const looks: Record<string, { sign: string; style: Style; word: string }> = {
  planned: { sign: '·', style: 'yellow', word: 'planned' },
  released: { sign: '·', style: 'yellow', word: 'waiting' },
  collected: { sign: '✓', style: 'green', word: 'collected' },
  delivered: { sign: '✓', style: 'green', word: 'delivered' },
  acknowledged: { sign: '✓', style: 'green', word: 'acknowledged' },
  held: { sign: '!', style: 'yellow', word: 'held' },
  withdrawn: { sign: '–', style: 'dim', word: 'withdrawn' },
  given_up: { sign: '✗', style: 'red', word: 'given up' },
}

function dispatchLines(stage: Stage, { dispatches, state }: Decided, names: Names): string[] {
  const heading = ['', `  ${stage.paint('cyan', 'Dispatches')}`]
  if (dispatches.length === 0)
    return [...heading, state === 'triaged' ? '  None: by the rules alone nobody is told.' : '  None yet.']
  const rows = dispatches.map((dispatch): Cell[] => {
    const { sign, style, word } = looks[dispatch.state] ?? { sign: '·', style: 'yellow', word: dispatch.state }
    const late = dispatch.lateOnArrival ? ', its time had passed on arrival' : dispatch.overdue ? ', OVERDUE' : ''
    return [
      { text: dispatch.kind, style: 'bold' },
      { text: dispatch.recipient.name },
      { text: names.list(dispatch.about) },
      { text: dayAndTime(Temporal.Instant.from(dispatch.dueBy)) },
      { text: `${sign} ${word}${late}`, style },
    ]
  })
  const table = { titles: ['Kind', 'To', 'About', 'Due', 'State'], widest: [12, 26, 22, 16, 14], rows }
  return [...heading, ...tableLines(table, '  ', stage.paint)]
}

/** What came of it, as the force reads it with the notification. */
function outcomeLines({ width, paint }: Stage, { dispatches }: Decided): string[] {
  const lines = dispatches.flatMap(({ recipient, kind, outcome }) =>
    outcome === null
      ? []
      : hang(`${recipient.name}, ${kind}: ${codeInWords(outcome.code)}. “${outcome.note ?? ''}”`, { mark: '  • ', width }),
  )
  return lines.length === 0 ? [] : ['', `  ${paint('cyan', 'What came of it, as the police read it')}`, ...lines]
}

const desks: Record<string, string> = {
  domestic_abuse_review: 'Domestic abuse review',
  pitstop: 'Pitstop',
  mash: 'Safeguarding hub',
  directory: 'Directory',
}

function taskLines(stage: Stage, told: { decided: Decided; names: Names; decisions: Speaking['decisions'] }): string[] {
  const { decided, names, decisions } = told
  const { tasks } = decided
  const heading = ['', `  ${stage.paint('cyan', 'Tasks for a person')}`]
  if (tasks.length === 0) return [...heading, '  None.']
  const { width, paint } = stage
  return [
    ...heading,
    ...tasks.flatMap(({ id, desk, agency, dueBy, state, question, recommends, about }) => [
      `  ${paint('bold', `${desks[desk] ?? desk} desk`)} (${agency})  due ${dayAndTime(Temporal.Instant.from(dueBy))}  ${state}`,
      ...hang(`About ${names.list(about)}`, { mark: '    ', width }),
      ...question.split('\n').flatMap((line) => hang(line, { mark: '    ? ', width })),
      ...(recommends ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .flatMap((line) => hang(`Recommended: ${line}`, { mark: '      ', width, paint: (text) => paint('dim', text) })),
      ...decisionLines(stage, decisions.get(id)),
    ]),
  ]
}

/** What was decided, by whom, and why in their own words. */
function decisionLines({ width, paint }: Stage, made: DecisionMade | undefined): string[] {
  if (!made) return []
  const what = `${made.by.name} decides: ${decisionInWords(made)}.`
  return [
    ...hang(what, { mark: '    ✓ ', width, paint: (text) => paint('green', text) }),
    ...hang(`“${made.rationale}”`, { mark: '      ', width, paint: (text) => paint('dim', text) }),
  ]
}
