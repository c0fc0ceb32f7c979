import type { Channel, Recipient, Service } from '../words/recipient.ts'
import type { SealedRecipient } from './recipient-secrets.ts'

/** What a recipient's row says of it, but for its address's state and when it was written. Names are the columns'. */
export interface RecipientRow extends SealedRecipient {
  service: Service
  name: string
  agency: string
  authorities: string[]
  urn: string | null
  ods_code: string | null
  successor_id: string | null
  closed_on: string | null
  channel: Channel['kind']
  url: string | null
  serves: Recipient['serves']
  /** In words or by weekday, as it was put. */
  hours: unknown
  opens_at: string
  terms: [string, string][]
  closed_days: string[]
}

type OpenColumn = Exclude<keyof RecipientRow, keyof SealedRecipient>

/** Every open one, or this does not compile. */
const columns: Record<OpenColumn, true> = {
  service: true,
  name: true,
  agency: true,
  authorities: true,
  urn: true,
  ods_code: true,
  successor_id: true,
  closed_on: true,
  channel: true,
  url: true,
  serves: true,
  hours: true,
  opens_at: true,
  terms: true,
  closed_days: true,
}

/** The open columns by name, for a select list. @param of the table's alias with its dot, for example `r.` */
export const openColumns = (of = ''): string =>
  Object.keys(columns)
    .map((column) => `${of}${column}`)
    .join(', ')
