import type { Reading } from '../policy/conditions.ts'
import type { Feature } from '../words/notification.ts'
import type { Situation } from './situation.ts'

/** Facts about the notification as a whole, the same for every subject. */

const yes: Reading = { kind: 'text', text: 'yes', found: 'yes' }
const no: Reading = { kind: 'text', text: 'no', found: 'no' }

/** Whether an edition is in force for the authority of the incident on the day of the report. */
export function areaHasAProcedure({ areaHasProcedure }: Situation): Reading {
  return areaHasProcedure ? yes : no
}

/** The features police named. An empty list says none; a list left out says nothing. */
export function features({ notification }: Situation): Reading {
  const named = notification.incident.features
  if (named === undefined) return featuresNotStated
  if (named.length === 0) return noFeatures
  const texts = named.map((feature) => feature.replaceAll('_', ' '))
  return { kind: 'several', texts, found: texts.join(', ') }
}

/** Whether one feature is among those police named. */
export function feature(name: Feature): (situation: Situation) => Reading {
  return ({ notification }) => {
    const named = notification.incident.features
    if (named === undefined) return featuresNotStated
    return named.includes(name) ? yes : no
  }
}

const featuresNotStated: Reading = { kind: 'unknown', found: 'not stated' }
const noFeatures: Reading = { kind: 'several', texts: [], found: 'none' }

/** Whether the victim asks for support. Where nobody could safely ask, nobody knows. */
export function victimAsksForSupport({ notification }: Situation): Reading {
  switch (notification.victimAsksForSupport) {
    case 'yes':
      return yes
    case 'no':
      return no
    case 'unsafe':
      return notSafeToAsk
    default:
      return supportNotStated
  }
}

const notSafeToAsk: Reading = { kind: 'unknown', found: 'it was not safe to ask' }
const supportNotStated: Reading = { kind: 'unknown', found: 'not stated' }
