import type { Finding } from '../words/outcome.ts'
import type { FactDefinition, FactName } from './facts.ts'
import { factNamed, textsOf } from './facts.ts'

/**
 * What is known of one fact. Numbers are ranges, both ends inclusive; `to` is null where nothing bounds it (and not Infinity,
 * which JSON would lose). `found` is the sentence fragment a reviewer reads.
 */
export type Reading =
  | { kind: 'text'; text: string; found: string }
  | { kind: 'several'; texts: readonly string[]; found: string }
  | {
      kind: 'number'
      from: number
      to: number | null
      /** Someone who counts in meets every limit: a child of unknown age must not fall between two of them. */
      countsIn: boolean
      /** An age on the day of the incident, where it differs from that on the day of the report. */
      atIncident: { from: number; found: string } | null
      found: string
    }
  | { kind: 'unknown'; found: string }

/** What settles a condition: a reading without the words a reviewer reads. Every reading is one. */
export type Value =
  | { kind: 'text'; text: string }
  | { kind: 'several'; texts: readonly string[] }
  | { kind: 'number'; from: number; to: number | null; countsIn: boolean; atIncident: { from: number } | null }
  | { kind: 'unknown' }

/** One cell of a rule, compiled once at load. `from` and `to` are inclusive and may be infinite. */
export type Condition = { fact: FactName; slot: number; wanted: string } & (
  | { form: 'texts'; texts: readonly string[] }
  | { form: 'range'; from: number; to: number; boundaries: readonly Boundary[] }
)

/** A number written in a cell, and what lies on either side of it: examples must show both. */
export interface Boundary {
  inside: number
  outside: number
}

/**
 * Reads one cell. There are five forms and no more (`yes|no`, `a or b`, `at least N`, `under N`, `N to M`): anything cleverer
 * becomes a named, tested fact. A string in place of the condition says what is wrong and how to mend it.
 */
export function parseCondition(name: string, cell: string): Condition | string {
  const found = factNamed(name)
  if (found === undefined) return 'there is no such fact'
  const { definition, slot } = found
  const common = { fact: definition.name, slot, wanted: cell }
  if (definition.values.kind === 'number') {
    const range = rangeOf(cell)
    return typeof range === 'string' ? range : { ...common, form: 'range', ...range }
  }
  const allowed = textsOf(definition.values)
  const texts = cell.split(' or ')
  const wrong = texts.find((text) => !allowed.includes(text))
  if (wrong !== undefined) return `“${wrong}” is not one of: ${allowed.join(', ')}`
  if (new Set(texts).size !== texts.length) return 'a value stands twice'
  if (definition.values.kind !== 'any of' && texts.length === allowed.length) return 'this cell names every value; leave it out'
  return { ...common, form: 'texts', texts }
}

function rangeOf(cell: string): { from: number; to: number; boundaries: Boundary[] } | string {
  const atLeast = /^at least (\d{1,4})$/.exec(cell)?.[1]
  if (atLeast !== undefined) {
    const from = Number(atLeast)
    return { from, to: Number.POSITIVE_INFINITY, boundaries: [{ inside: from, outside: from - 1 }] }
  }
  const under = /^under (\d{1,4})$/.exec(cell)?.[1]
  if (under !== undefined) {
    const to = Number(under) - 1
    return { from: Number.NEGATIVE_INFINITY, to, boundaries: [{ inside: to, outside: to + 1 }] }
  }
  const [, first, last] = /^(\d{1,4}) to (\d{1,4})$/.exec(cell) ?? []
  if (first === undefined || last === undefined) return 'a number is wanted as “at least 3”, “under 12” or “5 to 17”'
  const from = Number(first)
  const to = Number(last)
  if (from > to) return 'the first number must not be the greater'
  const ends = [
    { inside: from, outside: from - 1 },
    { inside: to, outside: to + 1 },
  ]
  return { from, to, boundaries: ends.filter(({ outside }) => outside >= 0) }
}

/** Judges one condition against what is known, and says what was found. Total and pure. */
export function judge(condition: Condition, reading: Reading): Finding {
  const { fact, wanted } = condition
  const verdict = atTheReport(condition, reading)
  if (verdict !== 'not_met' || reading.kind !== 'number' || !metAtTheIncident(condition, reading))
    return { fact, wanted, found: reading.found, verdict }
  const found = `${reading.found} at the report, but ${reading.atIncident?.found} at the incident`
  return { fact, wanted, found, verdict: 'unknown' }
}

/** What `judge` comes to, without the words. Anything it cannot settle is unknown, never “no”. */
export function verdictOf(condition: Condition, value: Value): Finding['verdict'] {
  const verdict = atTheReport(condition, value)
  return verdict === 'not_met' && metAtTheIncident(condition, value) ? 'unknown' : verdict
}

/** Ages are taken at the report; someone inside a limit only when it happened is a person's to decide (contract §1). */
function metAtTheIncident(condition: Condition, value: Value): boolean {
  if (condition.form !== 'range' || value.kind !== 'number' || value.atIncident === null) return false
  return within(condition, value.atIncident.from, value.atIncident.from) === 'met'
}

function atTheReport(condition: Condition, value: Value): Finding['verdict'] {
  if (condition.form === 'texts') {
    if (value.kind === 'text') return condition.texts.includes(value.text) ? 'met' : 'not_met'
    if (value.kind === 'several') return value.texts.some((text) => condition.texts.includes(text)) ? 'met' : 'not_met'
    return 'unknown'
  }
  if (value.kind !== 'number') return 'unknown'
  return value.countsIn ? 'met' : within(condition, value.from, value.to ?? Number.POSITIVE_INFINITY)
}

/** All inside: met. None inside: not met. Partly: nobody can tell. */
function within(limit: { from: number; to: number }, from: number, to: number): Finding['verdict'] {
  if (from >= limit.from && to <= limit.to) return 'met'
  return to < limit.from || from > limit.to ? 'not_met' : 'unknown'
}

/**
 * Joins the findings of one rule, whose cells are joined by AND: one that is not met settles it, whatever else is unknown.
 * A rule without conditions always fires.
 */
export function resultOf(findings: readonly Pick<Finding, 'verdict'>[]): 'fired' | 'did_not_fire' | 'cannot_tell' {
  let result: 'fired' | 'cannot_tell' = 'fired'
  for (const { verdict } of findings) {
    if (verdict === 'not_met') return 'did_not_fire'
    if (verdict === 'unknown') result = 'cannot_tell'
  }
  return result
}

/** A value as a pack's example writes it: a text, a number, a list, `unknown`, or `at least 2` for a count that may be short. */
export type ExampleValue = string | number | readonly string[]

/** Reads an example's value as what is known of a fact. A string in place of the reading says what is wrong. */
export function readingOfExample(definition: FactDefinition, value: ExampleValue): Reading | string {
  if (value === 'unknown') return { kind: 'unknown', found: 'unknown' }
  const { values } = definition
  if (values.kind === 'number') {
    const atLeast = typeof value === 'string' ? /^at least (\d+)$/.exec(value)?.[1] : undefined
    const from = atLeast === undefined ? value : Number(atLeast)
    if (typeof from !== 'number') return 'a whole number, “at least N” or “unknown” is wanted'
    return { kind: 'number', from, to: atLeast === undefined ? from : null, countsIn: false, atIncident: null, found: `${value}` }
  }
  const texts = typeof value === 'object' ? value : [`${value}`]
  const wrong = texts.find((text) => !textsOf(values).includes(text))
  if (wrong !== undefined) return `“${wrong}” is not one of: ${textsOf(values).join(', ')}`
  if (values.kind === 'any of') return { kind: 'several', texts, found: texts.join(', ') }
  const [text, ...others] = texts
  if (text === undefined || others.length > 0) return 'one value is wanted'
  return { kind: 'text', text, found: text }
}
