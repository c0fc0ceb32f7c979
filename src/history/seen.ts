import type { EarlierIncident } from '../words/background.ts'
import type { AgencyId, PersonRef } from '../words/ids.ts'
import type { PersonKeyKind } from './person-keys.ts'

/** One record of an incident on which somebody stands, as one of their keys found it. */
export interface Seen {
  /** Which of the keys asked for; counts from 1. */
  asked: number
  role: EarlierIncident['matches'][number]['role']
  /** Who it was there; null in the register of incidents from before go-live. */
  ref: PersonRef | null
  agency: AgencyId
  police_reference: string
  version: number
  occurred_at: Temporal.Instant
  withdrawn: boolean
}

/** What one key of one person found, newest first. */
export interface Answer {
  ref: PersonRef
  kind: PersonKeyKind
  rows: readonly Seen[]
}

/** One name for a police reference, whichever force's. */
export const referenceOf = ({ agency, police_reference }: Seen) => JSON.stringify([agency, police_reference])
