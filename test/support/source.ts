import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'

/** One TypeScript file of ours, read as code and not as text, so that a comment or a string never looks like a fault. */
export type SourceFile = {
  /** From the top of the checkout: `src/words/clock.ts`. */
  readonly path: string
  /** The folder under `src`, for example `words`; `top` for `src/*.ts`. */
  readonly room: string
  readonly isTest: boolean
  readonly lineCount: number
  readonly imports: readonly Import[]
  readonly nodes: readonly Node[]
  /** What the file says where, for a fault: `src/words/clock.ts:3`. */
  at(node: Node): string
}

/** `typeOnly` imports are gone when the program runs: `import type`. */
export type Import = { readonly from: string; readonly place: string; readonly typeOnly: boolean }

/** A node of the syntax tree, with only what the rules of the house look at. */
export type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<Record<string, unknown>>

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Reads every TypeScript file under these folders of the checkout. */
export function readSources(...folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })).sort()
  return paths.map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const nodes = allNodes(parseAst(text, { lang: 'ts' }))
  const at = (node: Node) => `${path}:${text.slice(0, node.start).split('\n').length}`
  const [top = '', room = '', ...rest] = path.split('/')
  return {
    path,
    room: rest.length === 0 ? 'top' : room,
    isTest: top === 'test' || path.endsWith('.test.ts'),
    lineCount: text.trimEnd().split('\n').length,
    imports: nodes.flatMap((node) => importOf(node, path, at(node)) ?? []),
    nodes,
    at,
  }
}

/** The node below another by that name, when there is one. */
export function child(node: Node, name: string): Node | null {
  const value = node[name]
  return isNode(value) ? value : null
}

/** The nodes below another by that name, in order. */
export function children(node: Node, name: string): Node[] {
  const value = node[name]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** `Date.now` for a member, `Date` for a name, nothing for anything else. */
export function spelling(node: Node | null): string {
  if (node === null) return ''
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression') return ''
  return `${spelling(child(node, 'object'))}.${spelling(child(node, 'property'))}`
}

/** The words of a string, or of a whole template with a gap for each value; null for anything else. */
export function wordsOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type !== 'TemplateLiteral') return null
  return children(node, 'quasis').map(rawWords).join('…')
}

function rawWords({ value }: Node): string {
  return typeof value === 'object' && value !== null && 'raw' in value ? String(value.raw) : ''
}

/** A relative import as a path from the top of the checkout; a package or `node:` module as it stands. */
function importOf(node: Node, path: string, place: string): Import | null {
  const importing = ['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration', 'ExportAllDeclaration']
  const source = importing.includes(node.type) ? child(node, 'source') : null
  const named = source === null ? null : wordsOf(source)
  if (named === null) return null
  const from = named.startsWith('.') ? normalize(join(dirname(path), named)) : named
  return { from, place, typeOnly: node.importKind === 'type' }
}

function allNodes(root: unknown): Node[] {
  if (Array.isArray(root)) return root.flatMap(allNodes)
  if (typeof root !== 'object' || root === null) return []
  const below = Object.values(root).flatMap(allNodes)
  return isNode(root) ? [root, ...below] : below
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && typeof value.start === 'number'
}

/** Every folder and file name a path consists of, without its endings. */
export function namesIn(path: string): string[] {
  return [...dirname(path).split('/'), basename(path).replace(/\..*$/, '')]
}
