import canonicalize from 'canonicalize'
import type { RecipientBody } from './recipient-body.ts'
import type { RecipientEntry } from './recipient-store.ts'

const OPENS_AT = '08:45'

/** What an agency may change about its own recipient (contract §1); everything else is the operator's. */
const OWN_FIELDS = ['contacts', 'hours', 'outOfHours', 'opensAt', 'terms', 'closedDays'] as const
export const OPERATOR_FIELDS = [
  'service',
  'name',
  'agency',
  'authorities',
  'urn',
  'odsCode',
  'successorId',
  'closedOn',
  'channel',
  'serves',
] as const satisfies readonly (keyof RecipientEntry)[]

/** A recipient put whole: what is left out is empty again. */
export function entryOf(id: string, body: RecipientBody): RecipientEntry {
  return {
    ...body,
    agency: body.agency ?? id,
    authorities: body.authorities ?? [],
    serves: body.serves ?? [],
    ...ownPartOf(body),
  }
}

/** The same by its own agency: what is the operator's may be left out, and then stays. */
export function ownEntryOf(body: RecipientBody, stored: RecipientEntry): RecipientEntry {
  return {
    ...ownPartOf(body),
    service: body.service,
    name: body.name,
    channel: body.channel,
    agency: body.agency ?? stored.agency,
    authorities: body.authorities ?? stored.authorities,
    urn: body.urn ?? stored.urn,
    odsCode: body.odsCode ?? stored.odsCode,
    successorId: body.successorId ?? stored.successorId,
    closedOn: body.closedOn ?? stored.closedOn,
    serves: body.serves ?? stored.serves,
  }
}

function ownPartOf({ contacts, hours, outOfHours, opensAt, terms, closedDays }: RecipientBody) {
  return {
    contacts: contacts ?? [],
    hours,
    outOfHours,
    opensAt: opensAt ?? OPENS_AT,
    terms: terms ?? [],
    closedDays: closedDays ?? [],
  }
}

/** The names of the fields that say something else now. */
export function differing(before: Partial<RecipientEntry>, after: RecipientEntry): string[] {
  return [...OPERATOR_FIELDS, ...OWN_FIELDS].filter((field) => canonicalize(before[field]) !== canonicalize(after[field]))
}
