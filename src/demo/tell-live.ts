import { type Cell, type Style, tableLines } from '../terminal/layout.ts'
import type { Stage } from '../terminal/stage.ts'
import type { Clock } from '../words/clock.ts'
import { dayInWords, timeOfDay } from './london-time.ts'
import type { Heard } from './pretend-school.ts'
import type { Collected } from './pretend-team.ts'

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
export function alertSentence({ alert }: Extract<Heard, { kind: 'alert' }>): string {
  const { child, childPresent, parentsInformed } = alert
  const name = `${child.givenNames ?? ''} ${child.familyName ?? ''}`.trim()
  const born = child.dateOfBirth ? ` (${dayInWords(child.dateOfBirth)})` : ''
  return [
    `✓ hears of ${name}${born}; signature holds`,
    `there: ${childPresent}, parents told: ${parentsInformed}, and nothing of anybody else`,
  ].join('\n')
}

export function collectedSentence({ kind, content }: Collected): string {
  return `✓ collects and acknowledges: ${kind}, ${reachOf(content)}`
}

/** How much this service may know, by its allow-list. */
function reachOf(content: Record<string, unknown>): string {
  if (content.notification) return 'the whole notification'
  if (content.patient) return 'one patient alone'
  if (content.educationStatus) return 'one child alone'
  return Object.keys(content).join(', ')
}
