import type { WantedRecipients } from '../directory/find-recipients-store.ts'
import type { RegisterMatch } from '../directory/register-matches-store.ts'
import type { Notification, Person } from '../words/notification.ts'

/** Every authority, school, health provider and recipient that a batch or a register names, in whatever part of it. */
export function wantedOf(notifications: readonly Notification[], matches: readonly RegisterMatch[]): WantedRecipients {
  const people = notifications.flatMap((notification) => notification.people)
  const restrictions = notifications.flatMap((notification) => notification.restrictions ?? [])
  return {
    authorities: named([
      ...notifications.flatMap(({ incident, moved }) => [incident.localAuthority, moved?.fromAuthority, moved?.toAuthority]),
      ...people.flatMap(authoritiesOf),
      ...matches.map((match) => (match.register === 'open case' ? match.authority : undefined)),
    ]),
    urns: named([
      ...notifications.flatMap(urnsOf),
      ...people.map(({ employer }) => employer?.urn),
      ...restrictions.map(({ urn }) => urn),
      ...matches.map((match) => (match.register === 'roll' ? match.urn : undefined)),
    ]),
    odsCodes: named([
      ...people.flatMap(({ health, employer }) => [health?.provider, health?.gpPractice, employer?.odsCode]),
      ...restrictions.map(({ odsCode }) => odsCode),
    ]),
    ids: named([...people.map(({ employer }) => employer?.recipientId), ...restrictions.map(({ recipientId }) => recipientId)]),
  }
}

/** The schools that a notification names by number. */
export function urnsOf(notification: Notification): string[] {
  return named(notification.people.flatMap(({ education }) => education?.urns ?? []))
}

/** Where somebody may go to school: where they live or stay, and where it happened. */
export function authoritiesNear(person: Person, { incident, moved }: Notification): string[] {
  return named([incident.localAuthority, person.localAuthority, person.stayingAuthority, moved?.toAuthority])
}

function authoritiesOf(person: Person): (string | undefined)[] {
  const { localAuthority, stayingAuthority, lookedAfterBy, socialCare, unborn } = person
  return [
    localAuthority,
    stayingAuthority,
    lookedAfterBy,
    socialCare?.authority,
    unborn?.localAuthority,
    unborn?.socialCare?.authority,
  ]
}

function named(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}
