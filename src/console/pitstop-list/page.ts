import type { PitstopEntry, PitstopList } from '../../desk/pitstop-list.ts'
import { dayInWords, momentInWords } from '../as-read.ts'
import type { Page } from '../render.ts'

const risks: Readonly<Record<string, string>> = {
  high: 'High',
  not_graded: 'Not graded, and so treated as high',
  medium: 'Medium',
  standard: 'Standard',
}

/** What a Pitstop meeting has before it, to print: one thing a section, with room to write what was decided and why. */
export function pitstopListPage({ date, entries, more }: PitstopList): Page {
  const counted = entries.length === 1 ? 'One thing waits.' : `${entries.length} things wait.`
  return {
    template: 'pitstop-list/page.njk',
    title: `Pitstop meeting, ${dayInWords(date)}`,
    view: { heading: `Pitstop meeting, ${dayInWords(date)}`, counted, more, entries: entries.map(entryView) },
  }
}

function entryView({ task, people, questions }: PitstopEntry) {
  return {
    task: task.id,
    reference: task.policeReference ?? task.id,
    risk: risks[task.victimRisk ?? ''] ?? 'Not stated',
    dueBy: momentInWords(Temporal.Instant.from(task.dueBy)),
    overdue: task.overdue,
    people: people.map(personLine),
    questions,
  }
}

function personLine({ ref, role, givenNames, familyName, dateOfBirth }: PitstopEntry['people'][number]): string {
  const name = [givenNames, familyName].filter((part) => part !== null).join(' ') || 'Name not given'
  const born = dateOfBirth === null ? 'date of birth not given' : `born ${dayInWords(dateOfBirth)}`
  return `${ref}: ${name}, ${born}${role === null ? '' : `, ${role.replace('_', ' ')}`}`
}
