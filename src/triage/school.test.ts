import { describe, expect, test } from 'vitest'
import { aBackground, aChild } from '../../test/support/builders.ts'
import type { Background, RollMatch } from '../words/background.ts'
import { schoolFound } from './school.ts'

const onRoll = (urn: string, over: Partial<RollMatch> = {}): RollMatch => ({
  ref: 'c1',
  urn,
  fresh: true,
  by: 'name and birth',
  pupil: null,
  ...over,
})
const kept = (...urns: string[]): Background['rollsKept'] => urns.map((urn) => ({ urn, fresh: true }))

/** The schools told, and what is asked, for a child police place at `said`. */
function found(said: string[], rolls: RollMatch[], rollsKept: Background['rollsKept'] = [], upn?: string) {
  const child = aChild({ education: { status: 'on_roll', urns: said }, ...(upn ? { upn } : {}) })
  const { urns, doubt } = schoolFound(child, aBackground({ rolls, rollsKept }))
  return [urns, doubt]
}

describe('the school of a child', () => {
  test('is the one police name, where no roll is kept', () => expect(found(['A'], [])).toEqual([['A'], null]))

  test('is the one whose fresh roll has the child, where police name none', () =>
    expect(found([], [onRoll('B')])).toEqual([['B'], null]))

  test('is never taken from a roll that is not fresh', () =>
    expect(found([], [onRoll('B', { fresh: false })])).toEqual([[], null]))

  test('is decided by a fresh roll where police name another', () =>
    expect(found(['A'], [onRoll('B')])).toEqual([['B'], 'another school']))

  test('stays the one police name, with a question, where that school’s own roll does not have the child', () =>
    expect(found(['A'], [], kept('A'))).toEqual([['A'], 'not on that roll']))

  test('is both of two that police name', () => expect(found(['A', 'B'], [])).toEqual([['A', 'B'], null]))

  test('is both of two that police name, where only one keeps a roll', () =>
    expect(found(['A', 'B'], [onRoll('A')], kept('A'))).toEqual([['A', 'B'], null]))

  test('of two that police name, is not the one whose fresh roll does not have the child', () =>
    expect(found(['A', 'B'], [onRoll('A')], kept('A', 'B'))).toEqual([['A'], 'another school']))

  test('is both where two rolls have the same pupil number', () =>
    expect(found([], [onRoll('A', { pupil: 'n' }), onRoll('B', { pupil: 'n' })])).toEqual([['A', 'B'], null]))

  test('is neither where two rolls share a name and a birth date alone: they may be two children', () => {
    expect(found([], [onRoll('A'), onRoll('B')])).toEqual([[], 'rolls of two schools'])
    expect(found([], [onRoll('A', { pupil: 'n' }), onRoll('B', { pupil: 'm' })])).toEqual([[], 'rolls of two schools'])
  })

  test('is the one of those two that police name', () =>
    expect(found(['B'], [onRoll('A'), onRoll('B')], kept('B'))).toEqual([['B'], null]))

  test('is the one with the pupil number, whoever else has the name', () =>
    expect(found([], [onRoll('A', { by: 'upn', pupil: 'n' }), onRoll('B')])).toEqual([['A'], null]))

  test('is not the one whose pupil of that name has another number', () =>
    expect(found([], [onRoll('A', { pupil: 'm' })], [], 'B801200005001')).toEqual([[], null]))

  test('is not taken from the roll of somebody else', () => expect(found([], [onRoll('A', { ref: 'c2' })])).toEqual([[], null]))
})
