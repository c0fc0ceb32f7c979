import { z } from 'zod'
import { faultsOf } from '../access/faults.ts'
import type { Fault } from '../access/problems.ts'
import type { AuthorityCode, Urn } from '../words/ids.ts'

/** What the register of schools says of one, as far as the directory needs it. */
export interface RegisteredSchool {
  urn: Urn
  name: string
  status: 'open' | 'closed' | 'proposed'
  /** YYYY-MM-DD; null where it does not say, or where the school has not closed. */
  closedOn: string | null
  /** Null where the file has no GSS code: the LA codes of schools are another list. */
  authority: AuthorityCode | null
}

/** What the register says of two schools. */
export interface SchoolLink {
  urn: Urn
  linkUrn: Urn
  /** By its words: `one` takes the whole school over, `part` is one of several that it was split into, `other` is no successor. */
  succeeds: 'one' | 'part' | 'other'
}

/** Reads a row: what it says, or every fault in it. */
export type RowReader<T> = (row: readonly string[]) => { item: T } | { faults: Fault[] }

/** Which of the two files this is, by its header; or the columns it lacks. */
export type GiasFile =
  | { kind: 'schools'; read: RowReader<RegisteredSchool> }
  | { kind: 'links'; read: RowReader<SchoolLink> }
  | { kind: 'columns missing'; missing: string[] }

const urn = () =>
  z
    .string()
    .trim()
    .regex(/^\d{6}$/, 'A URN has six digits')

/** Whatever the register writes with or without its comma. */
const STATUSES: Readonly<Record<string, RegisteredSchool['status']>> = {
  open: 'open',
  'open but proposed to close': 'open',
  closed: 'closed',
  'proposed to open': 'proposed',
}

const status = z
  .string()
  .transform((text) => STATUSES[text.trim().toLowerCase().replace(',', '')])
  .pipe(z.enum(['open', 'closed', 'proposed'], { error: 'Write Open, Open but proposed to close, Closed or Proposed to open' }))

/** Day, month, year. */
const closeDate = z
  .string()
  .trim()
  .regex(/^(\d{2}[-/]\d{2}[-/]\d{4})?$/, 'Write the day as DD-MM-YYYY')
  .transform((text) => (text === '' ? null : text.split(/[-/]/).reverse().join('-')))
  .pipe(z.iso.date({ error: 'There is no such day' }).nullable())

const school = z.object({
  URN: urn(),
  EstablishmentName: z.string().trim().min(1).max(200),
  'EstablishmentStatus (name)': status,
  CloseDate: closeDate,
  'GSSLACode (name)': z
    .string()
    .trim()
    .regex(/^([A-Z]\d{8})?$/, 'A GSS code has a letter and eight digits')
    .optional(),
})

const link = z
  .object({ URN: urn(), LinkURN: urn(), LinkType: z.string().trim() })
  .refine(({ URN, LinkURN }) => URN !== LinkURN, { path: ['LinkURN'], error: 'A school does not succeed itself' })

const OPTIONAL: readonly string[] = ['GSSLACode (name)']

/** Finds the columns by name, wherever they stand and whatever stands between them. */
export function giasFile(header: readonly string[]): GiasFile {
  const names = header.map((name) => name.trim())
  const isLinks = names.includes('LinkURN') || names.includes('LinkType')
  const wanted = Object.keys((isLinks ? link : school).shape)
  const missing = wanted.filter((name) => !names.includes(name) && !OPTIONAL.includes(name))
  if (missing.length > 0) return { kind: 'columns missing', missing }
  const places = wanted.map((name) => ({ name, place: names.indexOf(name) })).filter(({ place }) => place !== -1)
  const pick = (row: readonly string[]) => Object.fromEntries(places.map(({ name, place }) => [name, row[place]]))
  return isLinks
    ? { kind: 'links', read: (row) => read(link, pick(row), toLink) }
    : { kind: 'schools', read: (row) => read(school, pick(row), toSchool) }
}

function read<S extends z.ZodType, T>(
  schema: S,
  fields: unknown,
  to: (read: z.infer<S>) => T,
): { item: T } | { faults: Fault[] } {
  const parsed = schema.safeParse(fields)
  return parsed.success ? { item: to(parsed.data) } : { faults: faultsOf(parsed.error, schema) }
}

function toSchool(row: z.infer<typeof school>): RegisteredSchool {
  const status = row['EstablishmentStatus (name)']
  return {
    urn: row.URN,
    name: row.EstablishmentName,
    status,
    // A school that is open and will close has a day too.
    closedOn: status === 'closed' ? row.CloseDate : null,
    authority: row['GSSLACode (name)'] || null,
  }
}

function toLink({ URN, LinkURN, LinkType }: z.infer<typeof link>): SchoolLink {
  const type = LinkType.toLowerCase()
  const isSplit = type.includes('split')
  const succeeds = !type.startsWith('successor') ? 'other' : isSplit ? 'part' : 'one'
  return { urn: URN, linkUrn: LinkURN, succeeds }
}
