import type { Reading } from '../policy/conditions.ts'
import type { Subject } from './situation.ts'

/**
 * Where police say that the family has moved, or the child is staying, against the authority in which the incident happened.
 * A move is news that police give; where they give none, nobody is asked about every family whether it moved.
 */
export function moved({ person, situation }: Subject): Reading {
  const { incident, moved: move } = situation.notification
  const here = incident.localAuthority
  const elsewhere = [move?.toAuthority, person?.stayingAuthority].some(
    (authority) => authority !== undefined && authority !== here,
  )
  const texts: string[] = []
  if (elsewhere) texts.push('to another authority')
  if (move === undefined) return texts.length === 0 ? nowhere : { kind: 'several', texts, found: texts.join(', ') }
  if (move.fromAuthority !== undefined && move.fromAuthority !== here) texts.push('from another authority')
  const left = move.fromAuthority === undefined || move.fromAuthority === here
  if (left && move.toAuthority === undefined && person?.stayingAuthority === undefined) texts.push('to a place not named')
  return texts.length === 0 ? within : { kind: 'several', texts, found: texts.join(', ') }
}

const nowhere: Reading = { kind: 'several', texts: [], found: 'no move stated' }
const within: Reading = { kind: 'several', texts: [], found: 'within the authority' }
