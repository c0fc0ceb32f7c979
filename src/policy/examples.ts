import type { Condition, ExampleValue, Reading } from './conditions.ts'
import { judge, readingOfExample, resultOf } from './conditions.ts'
import { conditionsOf } from './edition.ts'
import { factNamed } from './facts.ts'
import type { ExampleFacts, PackRule } from './pack.ts'

/** Something wrong in a pack, by its place in the file. */
export interface PlacedFault {
  path: readonly (string | number)[]
  says: string
}

/**
 * What a rule's own examples fail to show: that it fires and does not fire as they say, that each condition alone decides
 * (the MC/DC coverage rule), and where each number's boundary lies, on both sides.
 */
export function faultsOfExamples(rule: PackRule): PlacedFault[] {
  const { conditions } = conditionsOf(rule.when)
  const fires = rule.examples.fires.map((facts) => verdictsOf(conditions, facts))
  const not = rule.examples['does not fire'].map((facts) => verdictsOf(conditions, facts))
  const faults: PlacedFault[] = []
  for (const [index, example] of fires.entries()) {
    if (resultOf(example.findings) !== 'fired') {
      faults.push({ path: ['examples', 'fires', index], says: `it does not fire: ${blame(example)}` })
    }
  }
  for (const [index, example] of not.entries()) {
    const result = resultOf(example.findings)
    if (result === 'fired') faults.push({ path: ['examples', 'does not fire', index], says: 'it fires' })
    if (result === 'cannot_tell') {
      faults.push({ path: ['examples', 'does not fire', index], says: `nobody can tell: ${blame(example)}` })
    }
  }
  for (const condition of conditions) faults.push(...faultsOfCoverage(condition, fires, not))
  return faults
}

interface Judged {
  findings: ReturnType<typeof judge>[]
  facts: ExampleFacts
}

function verdictsOf(conditions: readonly Condition[], facts: ExampleFacts): Judged {
  return { findings: conditions.map((condition) => judge(condition, exampleReading(condition, facts))), facts }
}

function exampleReading(condition: Condition, facts: ExampleFacts): Reading {
  const value = facts[condition.fact]
  const definition = factNamed(condition.fact)?.definition
  if (value === undefined || definition === undefined) return { kind: 'unknown', found: 'not given' }
  const reading = readingOfExample(definition, value)
  return typeof reading === 'string' ? { kind: 'unknown', found: reading } : reading
}

function blame({ findings }: Judged): string {
  const missed = findings.filter(({ verdict }) => verdict !== 'met')
  return missed.map(({ fact, wanted, found }) => `${fact} is ${found}, ${wanted} is wanted`).join('; ')
}

function faultsOfCoverage(condition: Condition, fires: Judged[], not: Judged[]): PlacedFault[] {
  const { fact, wanted } = condition
  const path = ['when', fact]
  const alone = ({ findings }: Judged) =>
    findings.every((finding) => (finding.fact === fact ? finding.verdict === 'not_met' : finding.verdict === 'met'))
  const nearMisses = not.filter(alone)
  const faults: PlacedFault[] = []
  if (nearMisses.length === 0) {
    faults.push({ path, says: `no example under “does not fire” fails “${wanted}” alone, so nothing shows that it matters` })
  }
  if (condition.form === 'texts') {
    const shown = new Set(fires.flatMap(({ facts }) => facts[fact] ?? []))
    const missing = condition.texts.find((text) => !shown.has(text))
    if (missing !== undefined) faults.push({ path, says: `no example under “fires” shows “${missing}”` })
    return faults
  }
  for (const { inside, outside } of condition.boundaries) {
    if (!fires.some(({ facts }) => facts[fact] === inside)) {
      faults.push({ path, says: `no example under “fires” stands on the boundary of “${wanted}”: ${inside}` })
    }
    if (!nearMisses.some(({ facts }) => facts[fact] === outside)) {
      faults.push({ path, says: `no example fails “${wanted}” alone just outside it: ${outside}` })
    }
  }
  return faults
}

/** The facts of an example that no rule could read: not in the list, or not a value it can take. */
export function faultsOfExampleValues(rule: PackRule): PlacedFault[] {
  const kinds = ['fires', 'does not fire'] as const
  return kinds.flatMap((kind) =>
    rule.examples[kind].flatMap((facts, index) =>
      Object.entries(facts).flatMap(([fact, value]) => {
        const path = ['examples', kind, index, fact]
        if (!Object.hasOwn(rule.when, fact)) return [{ path, says: 'the rule does not read this fact; leave it out' }]
        const says = value === undefined ? null : wrongValue(fact, value)
        return says === null ? [] : [{ path, says }]
      }),
    ),
  )
}

function wrongValue(fact: string, value: ExampleValue): string | null {
  const definition = factNamed(fact)?.definition
  if (definition === undefined) return 'there is no such fact'
  const reading = readingOfExample(definition, value)
  return typeof reading === 'string' ? reading : null
}
