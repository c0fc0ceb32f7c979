import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import type { Fault } from './problems.ts'
import { pointerTo } from './read-json.ts'

/** Faults told at once. Whoever has more has sent something else than a form. */
const FAULTS_MAX = 100

type Issue = z.core.$ZodIssue

/**
 * Every fault zod found, each with its pointer, a stable code and what to do, and a "did you mean" for an unknown field.
 * No detail repeats what was sent: it may be somebody's name.
 */
export function faultsOf(error: z.core.$ZodError, schema: z.core.$ZodType): Fault[] {
  const faults: Fault[] = []
  for (const issue of error.issues) {
    if (faults.length >= FAULTS_MAX) break
    faults.push(...faultsOfIssue(issue, schema))
  }
  return faults.slice(0, FAULTS_MAX)
}

function faultsOfIssue(issue: Issue, schema: z.core.$ZodType): Fault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  const pointer = path.reduce<string>(pointerTo, '')
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path)
    return issue.keys.slice(0, FAULTS_MAX).map((name) => ({
      pointer: pointerTo(pointer, name),
      code: 'unknown-field',
      detail: unknownField(name, known),
    }))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.message.includes('received undefined')) {
    return [{ pointer, code: 'missing', detail: 'This field is required' }]
  }
  return [{ pointer, code: codes[issue.code] ?? 'invalid', detail: issue.message.replace(/^Invalid input: /, '') }]
}

const codes: Partial<Record<Issue['code'], string>> = {
  invalid_type: 'wrong-type',
  invalid_value: 'not-a-choice',
  invalid_format: 'wrong-format',
  too_big: 'too-big',
  too_small: 'too-small',
}

/** A guess is only offered where it is close: a wrong one would send the reader the wrong way. */
function unknownField(name: string, known: string[]): string {
  const near = known.length > 0 ? closest(name, known) : undefined
  const close = near !== undefined && distance(name.toLowerCase(), near.toLowerCase()) <= Math.max(2, Math.floor(name.length / 3))
  return close ? `There is no such field here; did you mean "${near}"?` : 'There is no such field here'
}

/** The fields the schema knows where the path leads. */
function fieldsAt(schema: z.core.$ZodType, path: readonly (string | number)[]): string[] {
  let here: z.core.$ZodType | undefined = schema
  for (const step of path) here = stepInto(unwrap(here), step)
  const object = unwrap(here)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function stepInto(schema: z.core.$ZodType | undefined, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[step]
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let inner = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) inner = inner.unwrap()
  return inner
}
