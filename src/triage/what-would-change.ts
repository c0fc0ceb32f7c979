import type { Finding, Ruling } from '../words/outcome.ts'

/** What would have had to be otherwise for one ruling to come out the other way. */
export type WouldChange =
  /** It would fire if every one of these were met: the cells are joined by AND, so no smaller set is enough. */
  | { kind: 'fires if all were met'; findings: Finding[] }
  /** It would not fire if any single one of these were not met. */
  | { kind: 'falls if any were not met'; findings: Finding[] }
  /** It has no conditions. */
  | { kind: 'always fires' }

/** Read from the recorded findings alone: nothing is judged again. */
export function whatWouldChange({ result, findings }: Pick<Ruling, 'result' | 'findings'>): WouldChange {
  if (result !== 'fired') {
    return { kind: 'fires if all were met', findings: findings.filter(({ verdict }) => verdict !== 'met') }
  }
  return findings.length === 0 ? { kind: 'always fires' } : { kind: 'falls if any were not met', findings }
}

/** Those nearest to firing first: fewest conditions away, and of those the ones that only wait for an answer. */
export function nearestFirst<T extends Pick<Ruling, 'findings'>>(rulings: readonly T[]): T[] {
  return rulings.toSorted((one, other) => away(one) - away(other) || missed(one, 'not_met') - missed(other, 'not_met'))
}

const away = (ruling: Pick<Ruling, 'findings'>) => missed(ruling, 'not_met') + missed(ruling, 'unknown')

function missed({ findings }: Pick<Ruling, 'findings'>, verdict: Finding['verdict']): number {
  return findings.filter((finding) => finding.verdict === verdict).length
}
