import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition, Reading } from './conditions.ts'
import { judge, parseCondition, readingOfExample, resultOf } from './conditions.ts'
import { factDefinitions, factNamed } from './facts.ts'

const years = (from: number, rest: Partial<Extract<Reading, { kind: 'number' }>> = {}): Reading => ({
  kind: 'number',
  from,
  to: from,
  countsIn: false,
  atIncident: null,
  found: `${from} years`,
  ...rest,
})
const text = (value: string): Reading => ({ kind: 'text', text: value, found: value })
const unknown: Reading = { kind: 'unknown', found: 'not stated' }

function condition(fact: string, cell: string): Condition {
  const parsed = parseCondition(fact, cell)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

const verdict = (fact: string, cell: string, reading: Reading) => judge(condition(fact, cell), reading).verdict

describe('a cell', () => {
  test('has five forms', () => {
    expect(condition('injured', 'yes')).toMatchObject({ form: 'texts', texts: ['yes'] })
    expect(condition('victim risk', 'medium or high')).toMatchObject({ form: 'texts', texts: ['medium', 'high'] })
    expect(condition('ticks', 'at least 14')).toMatchObject({ form: 'range', from: 14, to: Number.POSITIVE_INFINITY })
    expect(condition('age', 'under 16')).toMatchObject({ form: 'range', from: Number.NEGATIVE_INFINITY, to: 15 })
    expect(condition('age', '16 to 17')).toMatchObject({ form: 'range', from: 16, to: 17 })
  })

  test.each([
    ['ages', 'under 16', 'there is no such fact'],
    ['age', '16', 'a number is wanted as “at least 3”, “under 12” or “5 to 17”'],
    ['age', 'under sixteen', 'a number is wanted as “at least 3”, “under 12” or “5 to 17”'],
    ['age', '17 to 16', 'the first number must not be the greater'],
    ['victim risk', 'grave', '“grave” is not one of: standard, medium, high'],
    ['victim risk', 'high or high', 'a value stands twice'],
    ['injured', 'yes or no', 'this cell names every value; leave it out'],
    ['injured', 'Yes', '“Yes” is not one of: yes, no'],
  ])('“%s: %s” is refused', (fact, cell, says) => {
    expect(parseCondition(fact, cell)).toBe(says)
  })
})

describe('the judge', () => {
  test('the birthday itself is outside “under”', () => {
    expect(verdict('age', 'under 16', years(15))).toBe('met')
    expect(verdict('age', 'under 16', years(16))).toBe('not_met')
    expect(verdict('age in months', 'under 12', years(11))).toBe('met')
    expect(verdict('age in months', 'under 12', years(12))).toBe('not_met')
  })

  test('both ends of “N to M” are inside', () => {
    expect([3, 4, 17, 18].map((age) => verdict('age', '4 to 17', years(age)))).toEqual(['not_met', 'met', 'met', 'not_met'])
  })

  test('a range is met when all of it is inside, not met when none is, and unknown between', () => {
    const atLeastThree = (from: number, to: number | null) =>
      verdict('previous incidents in three months', 'at least 3', years(from, { to }))
    expect(atLeastThree(3, null)).toBe('met')
    expect(atLeastThree(2, null)).toBe('unknown')
    expect(atLeastThree(0, 2)).toBe('not_met')
    expect(atLeastThree(2, 3)).toBe('unknown')
  })

  test('a child of unknown age counts in for every limit', () => {
    const counted = years(0, { to: null, countsIn: true, found: 'no date of birth: counted in' })
    for (const cell of ['under 1', 'under 16', '4 to 17', 'at least 3']) {
      expect(judge(condition('age', cell), counted)).toMatchObject({ verdict: 'met', found: 'no date of birth: counted in' })
    }
  })

  test('someone inside an age limit only at the incident goes to a person, who is told so', () => {
    const turned = years(16, { atIncident: { from: 15, found: '15 years' } })
    expect(judge(condition('age', 'under 16'), turned)).toEqual({
      fact: 'age',
      wanted: 'under 16',
      found: '16 years at the report, but 15 years at the incident',
      verdict: 'unknown',
    })
  })

  test('someone inside an age limit at the report is inside it, whatever they were at the incident', () => {
    expect(verdict('age', '16 to 17', years(16, { atIncident: { from: 15, found: '15 years' } }))).toBe('met')
  })

  test('one of several features is enough', () => {
    const several: Reading = { kind: 'several', texts: ['stalking', 'weapon'], found: 'stalking, weapon' }
    expect(verdict('features', 'weapon or strangulation', several)).toBe('met')
    expect(verdict('features', 'strangulation', several)).toBe('not_met')
  })

  test('an unknown fact is unknown, never no', () => {
    expect(verdict('injured', 'no', unknown)).toBe('unknown')
    expect(verdict('ticks', 'under 14', unknown)).toBe('unknown')
  })

  test('is total: every cell of every fact judges every reading', () => {
    const readings = fc.oneof(
      fc.constant(unknown),
      fc.string().map(text),
      fc.array(fc.string()).map((texts): Reading => ({ kind: 'several', texts, found: texts.join() })),
      fc
        .record({ from: fc.integer(), width: fc.option(fc.nat()), countsIn: fc.boolean(), atIncident: fc.option(fc.integer()) })
        .map(({ from, width, countsIn, atIncident }) =>
          years(from, {
            to: width === null ? null : from + width,
            countsIn,
            atIncident: atIncident === null ? null : { from: atIncident, found: 'then' },
          }),
        ),
    )
    const cells = factDefinitions.flatMap(({ name, values }) =>
      values.kind === 'number'
        ? ['at least 3', 'under 12', '4 to 17'].map((cell) => condition(name, cell))
        : ('texts' in values ? values.texts : ['yes', 'no']).map((cell) => condition(name, cell)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...cells), readings, (cell, reading) => {
        expect(['met', 'not_met', 'unknown']).toContain(judge(cell, reading).verdict)
      }),
    )
  })
})

describe('a rule', () => {
  const finding = (verdict: 'met' | 'not_met' | 'unknown') => ({ fact: 'age', wanted: '', found: '', verdict })

  test('without conditions always fires', () => expect(resultOf([])).toBe('fired'))
  test('fires when every condition is met', () => expect(resultOf([finding('met'), finding('met')])).toBe('fired'))
  test('cannot tell when one is unknown and the rest are met', () =>
    expect(resultOf([finding('met'), finding('unknown')])).toBe('cannot_tell'))
  test('does not fire when one is not met, whatever else is unknown', () =>
    expect(resultOf([finding('unknown'), finding('not_met')])).toBe('did_not_fire'))
})

test('no value of a fact contains “ or ”, which joins values in a cell', () => {
  expect(
    factDefinitions.flatMap(({ values }) => ('texts' in values ? values.texts : [])).filter((value) => / or /.test(value)),
  ).toEqual([])
})

test('an example writes a count that may be short as “at least”', () => {
  const definition = factNamed('previous incidents in three months')?.definition
  expect(definition && readingOfExample(definition, 'at least 2')).toMatchObject({ from: 2, to: null })
  expect(definition && readingOfExample(definition, 'many')).toBe('a whole number, “at least N” or “unknown” is wanted')
})
