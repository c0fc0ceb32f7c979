import type { Reading, Value } from '../policy/conditions.ts'
import type { FactName } from '../policy/facts.ts'
import type { PersonRef } from '../words/ids.ts'
import type { Outcome, Ruling, Tell } from '../words/outcome.ts'
import type { RecordedFacts } from './facts.ts'

/**
 * What another procedure can be held against later without opening a notification again: the value of every fact as it was
 * found, and whom the rules told. No words: a replay reads a hundred thousand of them. `recordedOf` makes it of the record,
 * where the words are.
 */
export interface Recorded {
  facts: RecordedValues[]
  victimRisk: Outcome['victimRisk']
  /** The label of the area's edition; null where no procedure was loaded. */
  policy: string | null
  /** The label of the statutory edition. */
  statutory: string
  fired: FiredRule[]
  /** One label of an edition for each ruling that could not tell. */
  undecided: string[]
}

/** What was known about one subject. */
export interface RecordedValues {
  about: RecordedFacts['about']
  ref: PersonRef | null
  /** A fact that is not here was not recorded. */
  values: Partial<Record<FactName, WrittenValue>>
}

/**
 * A value as it is written: a text and several texts as themselves, a number that is exact as itself, null for unknown. It is
 * a fifth of what the readings are as JSON, and reading that was most of a replay.
 */
export type WrittenValue = string | readonly string[] | number | WrittenRange | null

interface WrittenRange {
  from: number
  to: number | null
  countsIn?: true
  atIncident?: number
}

/** A rule that fired for somebody and tells somebody. */
export interface FiredRule {
  edition: string
  about: PersonRef | null
  tell: Tell[]
}

/** What stays of an outcome when its words are left out. */
export function recordedOf(outcome: Outcome, facts: readonly RecordedFacts[]): Recorded {
  const { policy, statutory, victimRisk, rulings } = outcome
  return {
    facts: facts.map(valuesOf),
    victimRisk,
    policy: policy === null ? null : `${policy.area}/${policy.inForceFrom}`,
    statutory: `${statutory.area}/${statutory.inForceFrom}`,
    fired: firedRules(rulings),
    undecided: rulings.flatMap(({ result, edition }) => (result === 'cannot_tell' ? [edition] : [])),
  }
}

function firedRules(rulings: readonly Ruling[]): FiredRule[] {
  return rulings.flatMap(({ result, edition, about, tell }) =>
    result === 'fired' && tell.length > 0 ? [{ edition, about, tell }] : [],
  )
}

function valuesOf({ about, ref, facts }: RecordedFacts): RecordedValues {
  const values: RecordedValues['values'] = {}
  for (const { fact, reading } of facts) values[fact] = written(reading)
  return { about, ref, values }
}

function written(reading: Reading): WrittenValue {
  if (reading.kind === 'text') return reading.text
  if (reading.kind === 'several') return reading.texts
  if (reading.kind === 'unknown') return null
  const { from, to, countsIn, atIncident } = reading
  if (from === to && !countsIn && atIncident === null) return from
  return { from, to, ...(countsIn ? { countsIn } : {}), ...(atIncident === null ? {} : { atIncident: atIncident.from }) }
}

/** The other way round. */
export function readWritten(value: WrittenValue): Value {
  if (value === null) return { kind: 'unknown' }
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (typeof value === 'number') return { kind: 'number', from: value, to: value, countsIn: false, atIncident: null }
  if (!('from' in value)) return { kind: 'several', texts: value }
  const { from, to, countsIn = false, atIncident } = value
  return { kind: 'number', from, to, countsIn, atIncident: atIncident === undefined ? null : { from: atIncident } }
}
