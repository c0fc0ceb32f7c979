import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { conditionsOf } from './edition.ts'
import type { PlacedFault } from './examples.ts'
import { faultsOfExamples, faultsOfExampleValues } from './examples.ts'
import { factDefinitions, factNamed } from './facts.ts'
import type { Pack, PackRule } from './pack.ts'
import { packSchema } from './pack.ts'

/** Reads parsed YAML as a pack, or names every fault in it, each with its remedy. */
export function readPack(value: unknown): { kind: 'pack'; pack: Pack } | { kind: 'faults'; faults: PlacedFault[] } {
  const parsed = packSchema.safeParse(value)
  if (!parsed.success) return { kind: 'faults', faults: parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, value)) }
  const faults = faultsOfPack(parsed.data)
  return faults.length === 0 ? { kind: 'pack', pack: parsed.data } : { kind: 'faults', faults }
}

function faultsOfPack(pack: Pack): PlacedFault[] {
  const faults: PlacedFault[] = []
  if ((pack.authorities === undefined) === (pack['lies under'] === undefined)) {
    faults.push({ path: ['area'], says: 'give either “authorities” or “lies under: every area”' })
  }
  const ids = new Map<string, number>()
  const rows = new Map<string, string>()
  for (const [index, rule] of pack.rules.entries()) {
    const at = (fault: PlacedFault) => ({ path: ['rules', index, ...fault.path], says: fault.says })
    faults.push(...faultsOfRule(rule).map(at))
    if (ids.has(rule.rule)) faults.push(at({ path: ['rule'], says: `another rule is called “${rule.rule}”` }))
    ids.set(rule.rule, index)
    const row = JSON.stringify([rule.about, Object.entries(rule.when).sort()])
    const twin = rows.get(row)
    if (twin !== undefined) faults.push(at({ path: ['when'], says: `“${twin}” has the same conditions; make it one rule` }))
    rows.set(row, rule.rule)
  }
  return faults
}

function faultsOfRule(rule: PackRule): PlacedFault[] {
  const faults: PlacedFault[] = []
  if (rule.tell === undefined && rule.ask === undefined) {
    faults.push({ path: ['rule'], says: 'nobody is told and nobody asked; add “tell” or “ask”' })
  }
  if (rule.assumes !== undefined && rule.owner === undefined) {
    faults.push({ path: ['assumes'], says: 'an assumption needs an “owner” who signs it off' })
  }
  const { conditions, wrong } = conditionsOf(rule.when)
  for (const { fact, says } of wrong) faults.push({ path: ['when', fact], says })
  for (const { fact } of conditions) {
    const about = factNamed(fact)?.definition.about ?? []
    if (!about.includes(rule.about)) {
      faults.push({ path: ['when', fact], says: `this fact does not exist for ${rule.about}, only for ${about.join(', ')}` })
    }
  }
  faults.push(...faultsOfSummaries(rule), ...faultsOfExampleValues(rule))
  // What its examples show means nothing until the rule itself can be read.
  return faults.length === 0 ? faultsOfExamples(rule) : faults
}

/** A referral always has the officer's account, and no service but social care may have it (design, "Allow-lists"). */
function faultsOfSummaries({ tell = [] }: PackRule): PlacedFault[] {
  return tell.flatMap((one, index) =>
    one['with summary'] === undefined || (one.service === 'childrens social care' && one.kind === 'notification')
      ? []
      : [{ path: ['tell', index, 'with summary'], says: 'only a notification to social care may ask for it; leave it out' }],
  )
}

function faultsOfIssue(issue: z.core.$ZodIssue, value: unknown): PlacedFault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    const known = knownAt(path)
    return issue.keys.map((key) => ({ path: [...path, key], says: `there is no “${key}” here${guess(key, known)}` }))
  }
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String)
    const found = valueAt(value, path)
    const given = found === undefined ? 'is missing' : `“${String(found)}” is not a choice`
    return [{ path, says: `${given}${guess(String(found), choices)}; the choices are: ${choices.join(', ')}` }]
  }
  if (issue.code === 'invalid_union' || path.at(-1) === 'within') return [{ path, says: unionSays(path) }]
  if (issue.code === 'invalid_type' && valueAt(value, path) === undefined) return [{ path, says: 'is missing' }]
  return [{ path, says: issue.message }]
}

function unionSays(path: readonly (string | number)[]): string {
  if (path.at(-1) === 'within')
    return 'write “24 hours”, “before school opens” or { high: 24 hours, otherwise: 72 hours }; leave it out where the procedure is silent'
  return 'a text, a whole number or a list is wanted'
}

/** A guess is only offered where it is close: a wrong one would send the reader the wrong way. */
function guess(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const near = closest(word, known)
  return distance(word.toLowerCase(), near) <= Math.max(2, Math.floor(word.length / 3)) ? `; did you mean “${near}”?` : ''
}

/** The keys that may stand where a path leads, for a guess. */
function knownAt(path: readonly (string | number)[]): string[] {
  const last = path.findLast((step) => typeof step === 'string')
  if (path.length === 0) return Object.keys(packSchema.shape)
  if (path.includes('when') || path.includes('fires') || path.includes('does not fire')) {
    return factDefinitions.map(({ name }) => name)
  }
  const { rules, document } = packSchema.shape
  const { element } = rules
  if (last === 'rules') return Object.keys(element.shape)
  if (last === 'document') return Object.keys(document.shape)
  if (last === 'cites') return Object.keys(element.shape.cites.shape)
  if (last === 'examples') return Object.keys(element.shape.examples.shape)
  if (last === 'tell') return Object.keys(element.shape.tell.unwrap().element.shape)
  if (last === 'ask') return Object.keys(element.shape.ask.unwrap().element.shape)
  return []
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let here = value
  for (const step of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined
  return here
}
