import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decisions } from './task-bodies.ts'
import { hasLapsed, holderOf, type SecondPerson, type TaskLife, weighClaim, weighDecision, weighRelease } from './task-life.ts'

const START = Temporal.Instant.from('2026-03-06T21:10:00Z')
const fresh: TaskLife = { state: 'open', claimedBy: null, claimedUntil: null, proposal: null }
const minutesOn = (minutes: number) => START.add({ minutes })

/** What people and time do to a task, in any order. */
const steps = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 40 }),
    what: fc.constantFrom('claim', 'release', 'decide', 'look'),
    by: fc.constantFrom('a', 'b', 'c'),
    decision: fc.constantFrom(...decisions),
    saw: fc.constantFrom('first', 'second'),
    supervises: fc.boolean(),
  }),
  { maxLength: 30 },
)
const needs: fc.Arbitrary<SecondPerson> = fc.constantFrom('nobody', 'anybody else', 'a supervisor')

interface Done {
  task: TaskLife
  decided: { by: string; first: string | null; supervised: boolean }[]
}

/** Plays the steps as the stories write them: who decides or proposes gives the task back. */
function play(
  all: typeof steps extends fc.Arbitrary<infer S> ? S : never,
  secondPerson: SecondPerson,
  look: (task: TaskLife) => void,
): Done {
  let at = START
  let task = fresh
  const decided: Done['decided'] = []
  for (const { minutes, what, by, decision, saw, supervises } of all) {
    at = at.add({ minutes })
    if (what === 'claim' && ['claims', 'renews', 'claims after a lapse'].includes(weighClaim(task, by, at).kind)) {
      const other = holderOf(task, at)
      expect(other === null || other === by).toBe(true)
      task = { ...task, state: 'claimed', claimedBy: by, claimedUntil: at.add({ minutes: 30 }) }
    }
    if (what === 'release' && weighRelease(task, by, at).kind === 'releases')
      task = { ...task, state: 'open', claimedBy: null, claimedUntil: null }
    if (what === 'look' && hasLapsed(task, at)) task = { ...task, state: 'open', claimedBy: null, claimedUntil: null }
    if (what === 'decide') {
      const weighed = weighDecision(task, { by, decision, saw, secondPerson, supervises }, at)
      if (weighed.kind === 'proposes') task = { ...fresh, proposal: { by, decision, saw } }
      if (weighed.kind === 'decides') {
        decided.push({ by, first: weighed.firstPerson, supervised: supervises })
        task = { ...task, state: 'decided', claimedBy: null, claimedUntil: null }
      }
    }
    look(task)
  }
  return { task, decided }
}

describe('whatever people do and whenever', () => {
  test('a task is decided once at most, and never without the second person it needs', () => {
    fc.assert(
      fc.property(steps, needs, (all, secondPerson) => {
        const { decided } = play(all, secondPerson, () => {})
        expect(decided.length).toBeLessThanOrEqual(1)
        for (const { by, first, supervised } of decided) {
          expect(first === null).toBe(secondPerson === 'nobody')
          expect(first).not.toBe(by)
          if (secondPerson === 'a supervisor') expect(supervised).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a claim has one holder, an open task none, and nothing moves a decided one', () => {
    fc.assert(
      fc.property(steps, needs, (all, secondPerson) => {
        let done: TaskLife | null = null
        play(all, secondPerson, (task) => {
          expect((task.state === 'claimed') === (task.claimedBy !== null)).toBe(true)
          if (done !== null) expect(task).toEqual(done)
          if (task.state === 'decided') done = task
        })
      }),
      { numRuns: 500 },
    )
  })
})

describe('a claim that has ended', () => {
  const lapsed: TaskLife = { ...fresh, state: 'claimed', claimedBy: 'a', claimedUntil: minutesOn(30) }
  test('is nobody’s from that very moment, and the next to claim says whose it was', () => {
    expect(holderOf(lapsed, minutesOn(29))).toBe('a')
    expect(holderOf(lapsed, minutesOn(30))).toBe(null)
    expect(weighClaim(lapsed, 'b', minutesOn(29))).toEqual({ kind: 'somebody else has it', until: minutesOn(30) })
    expect(weighClaim(lapsed, 'b', minutesOn(30))).toEqual({ kind: 'claims after a lapse', lapsed: 'a' })
  })
})

describe('a second person', () => {
  const asked = { by: 'a', decision: 'no_further_action', saw: 'first', secondPerson: 'anybody else', supervises: false } as const
  const proposed: TaskLife = { ...fresh, proposal: { by: 'a', decision: 'no_further_action', saw: 'first' } }
  test('must be somebody else', () => {
    expect(weighDecision(fresh, asked, START).kind).toBe('proposes')
    expect(weighDecision(proposed, asked, START).kind).toBe('another must agree')
    expect(weighDecision(proposed, { ...asked, by: 'b' }, START)).toEqual({ kind: 'decides', firstPerson: 'a' })
  })
  test('must have been asked the same: something added since is proposed anew', () => {
    expect(weighDecision(proposed, { ...asked, by: 'b', saw: 'second' }, START).kind).toBe('proposes')
  })
  test('is not needed to decide otherwise', () => {
    expect(weighDecision(proposed, { ...asked, by: 'b', decision: 'refer', secondPerson: 'nobody' }, START).kind).toBe('decides')
  })
  test('is a supervisor where the procedure asks for one', () => {
    const supervised = { ...asked, by: 'b', secondPerson: 'a supervisor' } as const
    expect(weighDecision(proposed, supervised, START).kind).toBe('proposes')
    expect(weighDecision(proposed, { ...supervised, supervises: true }, START).kind).toBe('decides')
    // Had the supervisor spoken first, they may still agree to what a colleague proposed after them.
    const after = { ...proposed, proposal: { by: 'b', decision: 'no_further_action', saw: 'first' } } as const
    expect(weighDecision(after, { ...asked, secondPerson: 'a supervisor', supervises: true }, START).kind).toBe('decides')
  })
})
