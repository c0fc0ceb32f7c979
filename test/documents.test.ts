import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { child, children, readSources, type SourceFile, spelling, wordsOf } from './support/source.ts'

/**
 * A document that says what is no longer so sends somebody the wrong way, at night and in a hurry. So what can be compared with
 * the code is compared. Each fault is one line that says what to mend.
 */
type Node = SourceFile['nodes'][number]

const sources = readSources('src', 'test')
const source = sources.filter(({ path, isTest }) => path.startsWith('src/') && !isTest)
const read = (path: string) => readFileSync(path, 'utf8')
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'GLOSSARY.md', 'SECURITY.md', 'CHANGELOG.md'].concat(
  globSync('docs/**/*.md').sort(),
)

describe('the problems', () => {
  const rows = tableRows(section(read('docs/problems.md'), 'Problems'))
  const documented = new Map(rows.map(([type = '', status = '']) => [unquoted(type), status]))

  test('every type the API answers stands in docs/problems.md, with its status', () => {
    const faults = problemsInSource().flatMap(({ code, status, place }) => {
      const found = [...documented].filter(([known]) => code.test(known))
      if (found.length === 0) return [`${place}: no row of docs/problems.md names ${code.source}`]
      return found
        .filter(([, says]) => status !== null && !says.includes(status))
        .map(([known, says]) => `${place}: answers ${known} with ${status}; docs/problems.md says ${says}`)
    })
    expect(faults).toEqual([])
  })

  test('every type in docs/problems.md is one the API answers', () => {
    const known = problemsInSource()
    expect([...documented.keys()].filter((type) => !known.some(({ code }) => code.test(type)))).toEqual([])
  })

  test('every code of a single fault stands there too', () => {
    const listed = section(read('docs/problems.md'), 'Codes in `errors`')
    const faults = source.flatMap((file) =>
      file.nodes.flatMap((node) => {
        const code = property(node, 'pointer') === null ? null : wordsOfProperty(node, 'code')
        return code === null || listed.includes(`\`${code}\``) ? [] : `${file.at(node)}: docs/problems.md has no code ${code}`
      }),
    )
    expect(faults).toEqual([])
  })
})

describe('the README', () => {
  const readme = read('README.md')

  test('gives the two commands, and every submission runs the second', () => {
    for (const command of ['npm ci && npm run demo', 'npm ci && npm test']) expect(readme).toContain(`\n    ${command}\n`)
    expect(read('.ci/run')).toMatch(/^npm ci\b/m)
    expect(read('.ci/run')).toMatch(/\bnpm test$/m)
  })

  test('names every setting the service reads, and no other', () => {
    const rows = tableRows(readme.slice(readme.indexOf('| setting | meaning |')).split('\n\n')[0] ?? '')
    const named = rows.flatMap(([names = '']) => names.split(',').map(unquoted))
    expect(named.toSorted()).toEqual(settingsInConfig().toSorted())
  })

  test('lists every command there is', () => {
    const listed = commandsIn(section(readme, 'Commands'))
    expect(commandsInMain().filter((command) => command !== 'demo' && !listed.includes(`daymark ${command}`))).toEqual([])
  })
})

describe('every document', () => {
  test('names only commands that exist', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')))
    const known = [...Object.keys(scripts), ...commandsInMain().map((command) => `daymark ${command}`)]
    const faults = documents.flatMap((path) =>
      commandsIn(read(path)).flatMap((command) => (known.includes(command) ? [] : `${path}: there is no npm run ${command}`)),
    )
    expect(faults).toEqual([])
  })

  test('names only files that exist', () => {
    const faults = documents.flatMap((path) =>
      pathsIn(read(path)).flatMap((named) => (exists(named) ? [] : `${path}: there is no ${named}`)),
    )
    expect(faults).toEqual([])
  })

  test('links only to what is there', () => {
    const faults = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].flatMap(([, target = '']) =>
        target.startsWith('https://') || existsSync(join(dirname(path), target)) ? [] : `${path}: links to ${target}`,
      ),
    )
    expect(faults).toEqual([])
  })
})

describe('ARCHITECTURE', () => {
  const architecture = read('ARCHITECTURE.md')

  test('is one page', () => {
    expect(architecture.split('\n').length).toBeLessThanOrEqual(121)
  })

  test('has the table of rooms that test/house.test.ts holds', () => {
    const held = roomsHeld()
    const said: Record<string, string[]> = {}
    for (const [room = '', , imports = ''] of tableRows(section(architecture, 'Rooms'))) {
      // "all that `intake` may, and `intake`" is that row's rooms and the ones named after it.
      const [, like = '', more = ''] = /^all that `(\w+)` may, and (.*)$/.exec(imports) ?? []
      said[unquoted(room)] = [...(said[like] ?? []), ...quotedIn(like === '' ? imports : more)].sort()
    }
    for (const [room, allowed] of Object.entries(held)) expect(said[room], `may import, of ${room}`).toEqual(allowed)
    const above = Object.keys(said).filter((room) => held[room] === undefined)
    expect(above).toEqual(['demo, src/*.ts'])
  })

  test('shows every state a dispatch can be in', () => {
    const diagram = /```mermaid([\s\S]*?)```/.exec(architecture)?.[1] ?? ''
    expect(statesOfADispatch().length).toBeGreaterThan(5)
    for (const state of statesOfADispatch()) expect(diagram).toMatch(new RegExp(`\\b${state}\\b`))
  })

  test('says where each of the eleven invariants is held', () => {
    const invariants = section(architecture, 'What must always hold').split(/\n(?=\d+\. )/)
    const numbered = invariants.filter((text) => /^\d+\. /.test(text))
    expect(numbered.map((text) => text.split('.')[0])).toEqual(Array.from({ length: 11 }, (_, index) => String(index + 1)))
    for (const text of numbered) expect(pathsIn(text), text).not.toEqual([])
  })
})

interface Answered {
  /** Matches the last part of the type; a part that is put in at run time matches anything. */
  code: RegExp
  /** Null where it is not written down beside the code. */
  status: string | null
  place: string
}

/** Every `new Problem({ code })` and `conflict(code, …)`. */
function problemsInSource(): Answered[] {
  return source.flatMap((file) =>
    file.nodes.flatMap((node): Answered[] => {
      const [first] = children(node, 'arguments')
      if (first === undefined) return []
      const name = spelling(child(node, 'callee'))
      const place = file.at(node)
      if (node.type === 'CallExpression' && name === 'conflict') return pattern(first, '409', place)
      if (node.type !== 'NewExpression' || name !== 'Problem') return []
      const status = property(first, 'status')
      const written = status?.type === 'Literal' ? String(status.value) : null
      const code = property(first, 'code')
      return code === null ? [] : pattern(code, written, place)
    }),
  )
}

function pattern(node: Node, status: string | null, place: string): Answered[] {
  const words = wordsOf(node)
  return words === null ? [] : [{ code: new RegExp(`^${words.replaceAll('…', '[a-z-]+')}$`), status, place }]
}

function property(object: Node, name: string): Node | null {
  const found = children(object, 'properties').find((one) => spelling(child(one, 'key')) === name)
  return found === undefined ? null : child(found, 'value')
}

function wordsOfProperty(object: Node, name: string): string | null {
  const value = property(object, name)
  return value === null ? null : wordsOf(value)
}

function settingsInConfig(): string[] {
  const config = source.find(({ path }) => path === 'src/config.ts')
  const names = (config?.nodes ?? []).flatMap((node) => children(node, 'properties').map((one) => spelling(child(one, 'key'))))
  return [...new Set(names.filter((name) => /^[A-Z][A-Z_]+$/.test(name)))]
}

/** `serve`, and `keys create` by its first word. */
function commandsInMain(): string[] {
  const main = source.find(({ path }) => path === 'src/main.ts')
  return (main?.nodes ?? []).flatMap((node) => {
    const callee = node.type === 'CallExpression' ? child(node, 'callee') : null
    const isCommand = callee !== null && spelling(callee) === 'program.command'
    return isCommand ? (wordsOf(children(node, 'arguments')[0] ?? node) ?? []) : []
  })
}

/** What follows `npm run` or `npm`, and the word after `daymark --`. */
function commandsIn(text: string): string[] {
  const run = text.matchAll(/\bnpm run (?:--silent )?([\w:]+)(?: -- ([a-z]+))?/g)
  const commands = [...run].map(([, script = '', word]) =>
    script === 'daymark' && word !== undefined ? `daymark ${word}` : script,
  )
  return /\bnpm test\b/.test(text) ? [...commands, 'test'] : commands
}

const FOLDERS = /^(src|test|migrations|policies|docs|bench|openapi|\.ci)\//

/** Paths in backticks, from the top of the checkout. One with a gap to fill in, such as `<area>`, names no file. */
function pathsIn(text: string): string[] {
  return quotedIn(text).filter((quoted) => FOLDERS.test(quoted) && /^[\w./*-]+$/.test(quoted))
}

function exists(path: string): boolean {
  return path.includes('*') ? globSync(path).length > 0 : existsSync(path)
}

function quotedIn(text: string): string[] {
  return [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].flatMap(([, quoted]) => quoted ?? [])
}

const unquoted = (cell: string) => cell.replaceAll('`', '').trim()

/** From a heading to the next of its kind or above. */
function section(text: string, heading: string): string {
  const parts = text.split(/^#{1,2} /m)
  const found = parts.find((part) => part.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`There is no heading "${heading}"`)
  return found
}

/** The cells of every row of a table but its head. */
function tableRows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(1).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** `MAY_IMPORT` of the house's own test, read as code: what it spreads in is followed. */
function roomsHeld(): Record<string, string[]> {
  const house = sources.find(({ path }) => path === 'test/house.test.ts')
  const declared = new Map(
    (house?.nodes ?? []).flatMap((node): [string, Node][] => {
      const init = node.type === 'VariableDeclarator' ? child(node, 'init') : null
      return init === null ? [] : [[spelling(child(node, 'id')), init]]
    }),
  )
  const listOf = (node: Node | undefined): string[] => {
    if (node === undefined) return []
    if (node.type === 'Identifier') return listOf(declared.get(spelling(node)))
    if (node.type === 'SpreadElement') return listOf(child(node, 'argument') ?? undefined)
    const words = wordsOf(node)
    return words === null ? children(node, 'elements').flatMap(listOf) : [words]
  }
  const table = declared.get('MAY_IMPORT')
  if (table === undefined) throw new Error('test/house.test.ts has no MAY_IMPORT')
  const rows = children(table, 'properties').map((row) => [spelling(child(row, 'key')), listOf(child(row, 'value') ?? undefined)])
  return Object.fromEntries(rows.map(([room, allowed]) => [room, Array.isArray(allowed) ? allowed.toSorted() : []]))
}

function statesOfADispatch(): string[] {
  const words = source.find(({ path }) => path === 'src/words/dispatch.ts')
  const alias = words?.nodes.find(
    (node) => node.type === 'TSTypeAliasDeclaration' && spelling(child(node, 'id')) === 'DispatchState',
  )
  const union = alias === undefined ? null : child(alias, 'typeAnnotation')
  return union === null ? [] : children(union, 'types').flatMap((one) => wordsOf(child(one, 'literal') ?? one) ?? [])
}
