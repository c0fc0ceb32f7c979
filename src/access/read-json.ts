import { isUtf8 } from 'node:buffer'
import type { Fault } from './problems.ts'

/** How deep a body may nest (contract §1). */
const DEPTH_MAX = 12
const FAULTS_MAX = 100

export type ReadJson = { kind: 'read'; value: unknown } | { kind: 'faults'; faults: Fault[] }

/**
 * Reads one JSON text as strictly as a child's safety asks: valid UTF-8, no half of a surrogate pair, no NUL, no field
 * given twice (the second would silently replace the first, and with it the children it lists), no deeper than 12.
 */
export function readJson(bytes: Buffer): ReadJson {
  if (!isUtf8(bytes)) return oneFault('', 'not-utf-8', 'Send UTF-8')
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return oneFault('', 'not-json', 'This is not JSON')
  }
  const found: Walk = { members: 0, faults: [] }
  walk(value, '', 1, found)
  const doubled = found.members === membersIn(text) ? [] : doubledMembers(text)
  const faults = [...found.faults, ...doubled].slice(0, FAULTS_MAX)
  return faults.length === 0 ? { kind: 'read', value } : { kind: 'faults', faults }
}

/** A JSON pointer (RFC 6901) one step further. */
export function pointerTo(parent: string, step: string | number): string {
  return typeof step === 'number'
    ? `${parent}/${step}`
    : `${parent}/${step.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

interface Walk {
  members: number
  faults: Fault[]
}

function walk(value: unknown, pointer: string, depth: number, found: Walk): void {
  if (typeof value === 'string') checkText(value, pointer, found)
  if (typeof value !== 'object' || value === null) return
  if (depth > DEPTH_MAX) {
    if (found.faults.length < FAULTS_MAX)
      found.faults.push({ pointer, code: 'too-deep', detail: `Nest no deeper than ${DEPTH_MAX}` })
    found.members += countMembers(value)
    return
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, pointerTo(pointer, index), depth + 1, found)
    return
  }
  for (const [name, item] of Object.entries(value)) {
    found.members += 1
    if (typeof item === 'number' || typeof item === 'boolean') continue
    walk(item, pointerTo(pointer, name), depth + 1, found)
  }
}

function checkText(value: string, pointer: string, found: Walk): void {
  if (found.faults.length >= FAULTS_MAX) return
  if (!value.isWellFormed())
    found.faults.push({ pointer, code: 'lone-surrogate', detail: 'Half of a character is missing (a lone surrogate)' })
  if (value.includes('\0')) found.faults.push({ pointer, code: 'nul', detail: 'A NUL character cannot be kept' })
}

/** Without recursion: this is only called for what is already too deep. */
function countMembers(value: object): number {
  let members = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const item = left.pop()
    if (typeof item !== 'object' || item === null) continue
    const values = Object.values(item)
    if (!Array.isArray(item)) members += values.length
    for (const value of values) left.push(value)
  }
  return members
}

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58

/** How many members the text writes down: colons outside strings. */
function membersIn(text: string): number {
  let members = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === BACKSLASH) at += 1
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === COLON) members += 1
  }
  return members
}

/** Finds which fields stand twice. Only run on a text that is known to have one, so it may be slow. */
function doubledMembers(text: string): Fault[] {
  const faults: Fault[] = []
  const open: { pointer: string; names: Set<string> | null; step: string | number }[] = []
  const tokens = text.match(/"(?:[^"\\]|\\.)*"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\],]/g) ?? []
  const here = () => {
    const last = open.at(-1)
    return last ? pointerTo(last.pointer, last.step) : ''
  }
  let rest = 0
  for (const token of tokens) {
    rest = text.indexOf(token, rest) + token.length
    const last = open.at(-1)
    if (token === '{' || token === '[') open.push({ pointer: here(), names: token === '{' ? new Set() : null, step: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && last && typeof last.step === 'number') last.step += 1
    else if (last?.names && token.startsWith('"') && /^\s*:/.test(text.slice(rest, rest + 20))) {
      const name: unknown = JSON.parse(token)
      last.step = String(name)
      if (last.names.has(last.step))
        faults.push({ pointer: here(), code: 'given-twice', detail: 'This field stands twice; which one is meant?' })
      last.names.add(last.step)
    }
  }
  return faults.length > 0 ? faults : [{ pointer: '', code: 'given-twice', detail: 'A field stands twice' }]
}

const oneFault = (pointer: string, code: string, detail: string): ReadJson => ({
  kind: 'faults',
  faults: [{ pointer, code, detail }],
})
