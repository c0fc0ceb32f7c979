import { expect, test } from 'vitest'
import type { Finding } from '../words/outcome.ts'
import { nearestFirst, whatWouldChange } from './what-would-change.ts'

const finding = (fact: string, verdict: Finding['verdict']): Finding => ({ fact, wanted: 'yes', found: 'no', verdict })
const met = finding('present', 'met')
const notMet = finding('injured', 'not_met')
const unknown = finding('pregnant', 'unknown')

test('a rule that did not fire would have, with every condition met that was not: no fewer are enough', () => {
  expect(whatWouldChange({ result: 'did_not_fire', findings: [met, notMet, unknown] })).toEqual({
    kind: 'fires if all were met',
    findings: [notMet, unknown],
  })
})

test('a rule that nobody can tell waits for what is unknown alone', () => {
  expect(whatWouldChange({ result: 'cannot_tell', findings: [met, unknown] })).toEqual({
    kind: 'fires if all were met',
    findings: [unknown],
  })
})

test('any single fact otherwise, and a rule that fired would not have', () => {
  expect(whatWouldChange({ result: 'fired', findings: [met] })).toEqual({ kind: 'falls if any were not met', findings: [met] })
})

test('nothing keeps a rule without conditions from firing', () => {
  expect(whatWouldChange({ result: 'fired', findings: [] })).toEqual({ kind: 'always fires' })
})

test('the rules nearest to firing come first, and before the others those that only wait for an answer', () => {
  const far = { rule: 'far', findings: [notMet, unknown] }
  const near = { rule: 'near', findings: [met, notMet] }
  const nearest = { rule: 'nearest', findings: [met, unknown] }
  expect(nearestFirst([far, near, nearest]).map(({ rule }) => rule)).toEqual(['nearest', 'near', 'far'])
})
