import type { Reading } from '../policy/conditions.ts'
import { monthsOn, reached, schoolAgeStarts, yearsOn } from './days.ts'
import type { Subject } from './situation.ts'

/**
 * How far an officer's guess at an adult's or party's age may be out, in years. Near a limit it then settles nothing and a
 * person decides; far from one nobody is troubled. A child's guessed age is not used at all: the child counts in.
 */
const GUESS_YEARS = 5

/** Whole years on the day of the report, and on that of the incident where that differs. */
export function age(subject: Subject): Reading {
  return ageIn(subject, yearsOn, yearsText, 1)
}

/** Whole months on the day of the report, and on that of the incident where that differs. */
export function ageInMonths(subject: Subject): Reading {
  return ageIn(subject, monthsOn, monthsText, 12)
}

function ageIn(subject: Subject, count: typeof yearsOn, text: (age: number) => string, perYear: number): Reading {
  const { person, born, situation } = subject
  if (born === null) return withoutBirth(person?.role === 'child', person?.approximateAge, perYear)
  const from = count(born, situation.reportedOn)
  const then = count(born, situation.occurredOn)
  const atIncident = then === from ? null : { from: then, found: text(then) }
  return { kind: 'number', from, to: from, countsIn: false, atIncident, found: text(from) }
}

function withoutBirth(child: boolean, guess: number | undefined, perYear: number): Reading {
  if (child) return guess === undefined ? countedIn : { ...countedIn, found: `about ${guess}, no date of birth: counted in` }
  if (guess === undefined) return ageUnknown
  return {
    kind: 'number',
    from: Math.max(0, guess - GUESS_YEARS) * perYear,
    to: (guess + GUESS_YEARS + 1) * perYear - 1,
    countsIn: false,
    atIncident: null,
    found: `about ${guess}, no date of birth`,
  }
}

const countedIn = {
  kind: 'number',
  from: 0,
  to: null,
  countsIn: true,
  atIncident: null,
  found: 'no date of birth: counted in',
} as const satisfies Reading

const ageUnknown: Reading = { ...countedIn, countsIn: false, found: 'no date of birth' }

/**
 * From the start of compulsory school age to the eighteenth birthday. It does not stop at the leaving date in June: a child
 * of fifteen would fall out of it for a summer, and back in at sixteen.
 */
export function ofSchoolAge(subject: Subject): Reading {
  const { person, born, situation } = subject
  if (born !== null) {
    const starts = schoolAgeStarts(born)
    const within = (on: typeof starts) => reached(starts, on) && yearsOn(born, on) < 18
    if (within(situation.reportedOn)) return yes
    return within(situation.occurredOn) ? onlyAtIncident : no
  }
  if (person?.role === 'child') return yesCountedIn
  const guess = person?.approximateAge
  if (guess === undefined) return schoolAgeUnknown
  if (guess - GUESS_YEARS >= 18) return no
  return { kind: 'unknown', found: `about ${guess}, no date of birth` }
}

const yes: Reading = { kind: 'text', text: 'yes', found: 'yes' }
const no: Reading = { kind: 'text', text: 'no', found: 'no' }
const onlyAtIncident: Reading = { kind: 'unknown', found: 'no at the report, but yes at the incident' }
const yesCountedIn: Reading = { kind: 'text', text: 'yes', found: 'no date of birth: counted in' }
const schoolAgeUnknown: Reading = { kind: 'unknown', found: 'no date of birth' }

/** The youngest and oldest someone can be in whole years, for readings that turn on age without being one. */
export function yearsBetween({ person, born, situation }: Subject): { from: number; to: number } {
  if (born !== null) {
    const years = yearsOn(born, situation.reportedOn)
    return { from: years, to: years }
  }
  const guess = person?.approximateAge
  if (guess === undefined || person?.role === 'child') return { from: 0, to: Number.POSITIVE_INFINITY }
  return { from: guess - GUESS_YEARS, to: guess + GUESS_YEARS }
}

function yearsText(years: number): string {
  if (years < 0) return 'not yet born'
  if (years === 0) return 'under a year'
  return years === 1 ? '1 year' : `${years} years`
}

function monthsText(months: number): string {
  if (months < 0) return 'not yet born'
  return months === 1 ? '1 month' : `${months} months`
}
