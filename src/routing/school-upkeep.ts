import type { Deadline } from '../words/dispatch.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import { termsKnownAt } from './calendar.ts'

/**
 * What a school is asked about itself. Without its terms every weekday counts as a school day; without a key adult and a
 * deputy who can both be written to, one person's illness leaves an alert unread. Neither waits for the answer.
 */
export function upkeepOfSchool({ name, calendar, contacts }: Recipient, dueBy: Deadline): string[] {
  const questions: string[] = []
  if (!termsKnownAt(calendar, dueBy))
    questions.push(
      `On which days is ${name} open? Its terms are not known, so every weekday but a bank holiday counts as a school day.`,
    )
  const missing = mustBeThere.filter((role) => !contacts.some((contact) => contact.role === role && contact.email !== undefined))
  if (missing.length > 0)
    questions.push(
      `Who is the ${missing.map(spoken).join(' and the ')} of ${name}, and at which e-mail address? A school has at least two people who are asked to look.`,
    )
  return questions
}

const mustBeThere: readonly Contact['role'][] = ['key_adult', 'deputy']

const spoken = (role: Contact['role']) => role.replaceAll('_', ' ')
