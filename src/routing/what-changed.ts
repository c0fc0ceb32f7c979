import canonicalize from 'canonicalize'
import type { DispatchContent } from '../words/dispatch.ts'

/** One thing that a recipient was told otherwise before. */
export interface ChangedField {
  /** Where it stands in what they may know, for example `notification/people/c1/dateOfBirth`. */
  field: string
  /** What it was: told for a number, a yes or no, or one word of a closed list, and for nothing that could show a place. */
  was?: unknown
  /** What it is now; null where nothing is said of it any more. */
  now: unknown
}

/** What is ours to say and not a fact about anybody, and what names the telling itself. */
const NOT_FACTS: ReadonlySet<string> = new Set([
  'kind',
  'asks',
  'about',
  'schoolShould',
  'schoolMustNot',
  'policeData',
  'rolesContestedNote',
  'restrictedNote',
  'question',
  'notForPatientFacingRecord',
  'notification/version',
])

/**
 * What differs between what a recipient was told and what it would be told now, by the same allow-list. Empty: nothing they
 * may know has changed. The same moment written with another offset, and a list in another order, are no difference.
 */
export function whatChanged(before: DispatchContent, now: DispatchContent): ChangedField[] {
  const [was, is] = [leavesOf(before), leavesOf(now)]
  const fields = [...new Set([...was.keys(), ...is.keys()])].sort()
  return fields.flatMap((field) => {
    const [old, fresh] = [was.get(field), is.get(field)]
    if (textOf(old) === textOf(fresh)) return []
    return [{ field, ...(closedWord(old) ? { was: old } : {}), now: fresh ?? null }]
  })
}

/** Every value by its path. People and relations go by their ref; an address and any other list is one value. */
function leavesOf(content: DispatchContent): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  const walk = (value: unknown, path: string): void => {
    if (value === undefined || NOT_FACTS.has(path)) return
    if (Array.isArray(value) && value.length > 0 && value.every(hasRef)) {
      for (const item of value) walk(item, `${path}/${item.ref}`)
    } else if (isObject(value) && !('lines' in value)) {
      for (const [key, part] of Object.entries(value)) walk(part, path === '' ? key : `${path}/${key}`)
    } else if (!(Array.isArray(value) && value.length === 0)) leaves.set(path, value)
  }
  walk(content, '')
  return leaves
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasRef = (value: unknown): value is { ref: string } => isObject(value) && typeof value.ref === 'string'

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string' && MOMENT.test(value)) return Temporal.Instant.from(value).toString()
  if (Array.isArray(value)) return JSON.stringify(value.map((item) => canonicalize(item)).toSorted())
  return canonicalize(value) ?? ''
}

/** An address that has become protected must not leave once more as what something was. */
function closedWord(value: unknown): boolean {
  if (typeof value === 'boolean' || typeof value === 'number') return true
  return typeof value === 'string' && CLOSED_WORDS.has(value)
}

const CLOSED_WORDS: ReadonlySet<string> = new Set([
  ...['yes', 'no', 'unsafe', 'unknown', 'not_known'],
  ...['victim', 'suspect', 'child', 'other_adult'],
  ...['standard', 'medium', 'high', 'not_graded'],
  ...['resident', 'regularly_staying', 'elsewhere'],
])
