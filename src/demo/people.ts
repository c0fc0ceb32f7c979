import type { Notification } from '../words/notification.ts'

/** How the demo speaks of the invented people of a notification. */
export interface Names {
  /** The person alone, for a sentence that says the rest. */
  of: (ref: string) => string
  /** Whom a dispatch or task is about, in a list. One that is about somebody pregnant is about the unborn child too. */
  list: (refs: readonly string[]) => string
}

export function namesIn({ people }: Notification): Names {
  const find = (ref: string) => people.find((person) => person.ref === ref)
  const of = (ref: string) => find(ref)?.givenNames ?? ref
  const inList = (ref: string) => (find(ref)?.pregnant ? `${of(ref)}’s unborn child` : of(ref))
  return { of, list: (refs) => (refs.length === 0 ? 'the notification' : refs.map(inList).join(', ')) }
}

/** `Merrin, Jory and Odette`. */
export function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
