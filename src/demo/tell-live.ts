import { type Cell, type Style, tableLines } from '../terminal/layout.ts'
import type { Stage } from '../terminal/stage.ts'
import type { Clock } from '../words/clock.ts'
import { dayInWords, timeOfDay } from './london-time.ts'
import type { OutcomeTold } from './pretend-police.ts'
import type { Alert } from './pretend-schools.ts'
import type { Collected, TeamOutcome } from './pretend-team.ts'

/** Says at once that somebody did something. */
export type Reporter = (who: string, what: string) => void

/** The same for every line: each is laid out before the next is known. */
const WHO_WIDTH = 23

/** A sign before a line is coloured, and says by itself what the colour says. */
const signs: Record<string, Style> = { '✓': 'green', '!': 'yellow', '✗': 'red' }

export function openReporter(stage: Stage, wall: Clock): Reporter {
  return (who, what) => {
    const first = what.slice(0, 1)
    const style = signs[first]
    const row: Cell[] = [
      { text: timeOfDay(wall()), style: 'dim' },
      { text: who.padEnd(WHO_WIDTH), style: 'bold' },
      style ? { text: first, style } : { text: ' ' },
      { text: style ? what.slice(2) : what },
    ]
    const table = { titles: [], widest: [8, WHO_WIDTH, 1, stage.width - WHO_WIDTH - 17], rows: [row] }
    stage.say(...tableLines(table, '  ', stage.paint))
  }
}

/** What a school learns: its own pupil, whether they were there, and whether the parents know. */
export function alertSentence({ child, childPresent, parentsInformed }: Alert): string {
  const name = `${child.givenNames ?? ''} ${child.familyName ?? ''}`.trim()
  const born = child.dateOfBirth ? ` (${dayInWords(child.dateOfBirth)})` : ''
  return [
    `✓ hears of ${name}${born}; signature holds`,
    `there: ${childPresent}, parents told: ${parentsInformed}, and nothing of anybody else`,
  ].join('\n')
}

/** What a key adult has on the screen, read off the page. */
export function pageSentence(who: string, html: string): string {
  const values = [...html.matchAll(/<dt\b[^>]*>\s*([^<]*?)\s*<\/dt>\s*<dd\b[^>]*>\s*([^<]*?)\s*<\/dd>/g)]
  const onPage = (label: RegExp) => values.find(([, name = '']) => label.test(name))?.[2] ?? ''
  const name = `${onPage(/^Given names$/i)} ${onPage(/^Family name$/i)}`.trim()
  return `✓ ${who}, key adult, opens its link in a browser\nand reads of ${name}; no account, no script`
}

export function collectedSentence({ kind, content }: Collected, outcome: TeamOutcome | null): string {
  const says = outcome ? `;\nsays what came of it: ${codeInWords(outcome.code)}` : ''
  return `✓ collects and acknowledges: ${kind}, ${reachOf(content)}${says}`
}

/** What a force hears of an outcome: which notification, which service and the code. */
export function outcomeSentence({ policeReference, service, code }: OutcomeTold): string {
  return `✓ hear what came of ${policeReference}; signature holds\n${serviceInWords(service)}: ${codeInWords(code)}`
}

export const codeInWords = (code: string) => code.replaceAll('_', ' ')

/** Abbreviations stand as such, and a child's social care as it is written. */
export function serviceInWords(service: string): string {
  if (service === 'marac' || service === 'idva') return service.toUpperCase()
  return service.replace('childrens', 'children’s').replaceAll('_', ' ')
}

/** How much this service may know, by its allow-list. */
function reachOf(content: Record<string, unknown>): string {
  if (content.notification) return 'the whole notification'
  if (content.victims) return 'the victim’s case'
  if (content.patient) return 'one patient alone'
  if (content.educationStatus) return 'one child alone'
  return Object.keys(content).join(', ')
}
