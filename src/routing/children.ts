import type { DateText } from '../words/clock.ts'
import type { Notification, Person } from '../words/notification.ts'

/**
 * Whether someone is under an age on a date: the birthday itself is outside (design, "Settled ambiguities"). Someone born on
 * 29 February comes of age on 1 March.
 */
export function underAge(person: Person, years: number, on: DateText): boolean | 'unknown' {
  if (person.dateOfBirth !== undefined) {
    const birthday = `${Number(person.dateOfBirth.slice(0, 4)) + years}${person.dateOfBirth.slice(4)}`
    return on < birthday
  }
  return person.approximateAge === undefined ? 'unknown' : person.approximateAge < years
}

/**
 * The children a service is told about: everyone under 18 on that date but a victim or suspect under 16, who has a separate
 * process. Someone given as a child counts in unless a date of birth says otherwise.
 */
export function childrenOf(notification: Notification, on: DateText): Person[] {
  return notification.people.filter((person) => {
    if (person.role === 'child') return person.dateOfBirth === undefined || underAge(person, 18, on) === true
    if (underAge(person, 18, on) !== true) return false
    return person.role === 'other_adult' || underAge(person, 16, on) !== true
  })
}

/** Those who carry an unborn child, in any role. */
export function carriersOf(notification: Notification): Person[] {
  return notification.people.filter(
    (person) => person.pregnant ?? (person.unborn !== undefined || person.expectedDeliveryDate !== undefined),
  )
}

/** Some child, the parties under 18 included, is known to be injured. */
export function childInjured(notification: Notification, on: DateText): boolean {
  return notification.people.some(
    (person) => person.injured === true && (person.role === 'child' || underAge(person, 18, on) === true),
  )
}
