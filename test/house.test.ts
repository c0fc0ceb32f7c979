import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { child, children, namesIn, readSources, type SourceFile, spelling, wordsOf } from './support/source.ts'

/**
 * The rules of the house, from the design's import table and the style's list of smells. Each fault is one line: where it
 * stands, what is wrong, and what to do instead.
 */
const everything = readSources('src', 'test')
const source = everything.filter(({ path, isTest }) => path.startsWith('src/') && !isTest)

/** What each room may import, besides itself. A room that is not here has yet to be given its place. */
const PURE_MIDDLE = ['words', 'policy', 'triage', 'routing']
const SHARED = [...PURE_MIDDLE, 'database', 'history', 'audit', 'access', 'directory', 'delivery']
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  words: [],
  policy: ['words'],
  triage: ['words', 'policy'],
  routing: ['words', 'policy', 'triage'],
  database: ['words'],
  history: ['words', 'database'],
  audit: ['words', 'database'],
  access: ['words', 'database', 'audit'],
  // Open cases are found by the same person keys as earlier incidents.
  directory: ['words', 'database', 'audit', 'access', 'history'],
  // It stores the plans that routing makes, and asks routing's `nextAttention` when to look again.
  delivery: ['words', 'database', 'audit', 'access', 'directory', 'routing'],
  intake: SHARED,
  // The auditor's door. It stands apart from audit, which access itself writes to.
  proof: ['words', 'database', 'audit', 'access'],
  // A decision is planned as the first triage was.
  desk: [...SHARED, 'intake'],
  console: [...SHARED, 'proof', 'intake', 'desk'],
  // Silence is an alarm: it measures what came, what waits and what was suspended.
  watch: ['words', 'routing', 'database', 'audit', 'access', 'directory', 'delivery'],
  // It reads the record, which is intake's, and judges it by another pack.
  replay: [...PURE_MIDDLE, 'database', 'access', 'intake'],
  terminal: [],
  underneath: ['words'],
}
/** These know nothing of each other's limits: they put the rooms together. */
const ABOVE_ALL = ['top', 'demo']

/** Packages that compute and touch nothing: no clock, no disk, no network, no randomness. */
const PURE_PACKAGES = ['zod', 'canonicalize', 'double-metaphone', 'fastest-levenshtein']
/** The one file of the pure rooms that reads the disk. */
const POLICY_LOADER = 'src/policy/load.ts'

describe('the house', () => {
  test('every room imports only what the table in the design allows', () => {
    const faults = source.flatMap((file) =>
      file.imports.flatMap(({ from, place }) => {
        if (!from.startsWith('src/') || ABOVE_ALL.includes(file.room)) return []
        const room = from.split('/').length === 2 ? 'top' : (from.split('/')[1] ?? '')
        const allowed = MAY_IMPORT[file.room]
        if (allowed === undefined)
          return `${place}: src/${file.room} is not in the table. Give it its row here and in the design.`
        if (room === file.room || allowed.includes(room)) return []
        return `${place}: ${file.room} must not import ${room}. Pass what it needs as an argument, or move the code to the room that owns it.`
      }),
    )
    expect(faults).toEqual([])
  })

  test('only the top of src reads policies from the disk; a test may', () => {
    const faults = source.flatMap((file) =>
      file.imports.flatMap(({ from, place, typeOnly }) =>
        from === POLICY_LOADER && !typeOnly && !ABOVE_ALL.includes(file.room)
          ? `${place}: only src/*.ts may import policy/load.ts. Take the packs as an argument.`
          : [],
      ),
    )
    expect(faults).toEqual([])
  })

  test('the pure rooms import no effect', () => {
    const faults = source.flatMap((file) =>
      file.imports.flatMap(({ from, place }) => {
        if (!PURE_MIDDLE.includes(file.room) || file.path === POLICY_LOADER || from.startsWith('src/')) return []
        if (PURE_PACKAGES.includes(from)) return []
        return `${place}: ${file.room} is pure and must not import ${from}. Let a room with effects do it and pass the result.`
      }),
    )
    expect(faults).toEqual([])
  })

  test('there are no barrels: a file that only forwards', () => {
    const faults = source.flatMap((file) =>
      file.nodes.flatMap((node) =>
        node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && child(node, 'source') !== null)
          ? `${file.at(node)}: forwards another file's exports. Import the file that has them.`
          : [],
      ),
    )
    expect(faults).toEqual([])
  })
})

describe('effects from outside', () => {
  const MAY_READ_CLOCK = /^src\/(main\.ts|underneath\/|demo\/)/
  const MAY_READ_ENVIRONMENT = /^src\/(main\.ts|config\.ts|underneath\/|demo\/)/

  test('nothing but main reads the clock', () => {
    const faults = source.flatMap((file) => {
      if (MAY_READ_CLOCK.test(file.path)) return []
      const conversions = new Set(file.nodes.flatMap(dateConversions))
      return file.nodes.flatMap((node) => {
        const usesDate = node.type === 'Identifier' && node.name === 'Date' && !conversions.has(node.start)
        if (!usesDate && !/^(Temporal\.Now|performance\.now)$/.test(spelling(node))) return []
        return `${file.at(node)}: uses ${spelling(node)}. Take \`now\` as an argument, and use Temporal.`
      })
    })
    expect(faults).toEqual([])
  })

  test('nothing but config reads the environment', () => {
    const faults = source.flatMap((file) =>
      MAY_READ_ENVIRONMENT.test(file.path)
        ? []
        : file.nodes.flatMap((node) =>
            spelling(node) === 'process.env' ? `${file.at(node)}: reads process.env. Read it in src/config.ts and pass it.` : [],
          ),
    )
    expect(faults).toEqual([])
  })

  test('no area is named in the code: what differs by area stands in its pack', () => {
    const areas = existsSync('policies') ? readdirSync('policies') : []
    const faults = source.flatMap((file) =>
      file.room === 'demo'
        ? []
        : file.nodes.flatMap((node) => {
            const words = wordsOf(node)
            const named = words === null ? undefined : areas.find((area) => words.includes(area))
            return named === undefined ? [] : `${file.at(node)}: names ${named}. Put what differs in its pack.`
          }),
    )
    expect(faults).toEqual([])
  })
})

describe('how the code is written', () => {
  const LINES_MAX = 250
  const FORBIDDEN_NAME = /^(.*-)?(utils?|common|helpers?|services|managers?|types|misc|shared|models)$/

  test('no file is longer than a person reads at once', () => {
    const faults = source.flatMap(({ path, lineCount }) =>
      lineCount > LINES_MAX ? `${path}:${lineCount}: is longer than ${LINES_MAX} lines. Split it by what it is about.` : [],
    )
    expect(faults).toEqual([])
  })

  test('every name says what is inside', () => {
    const faults = everything.flatMap(({ path }) =>
      namesIn(path).flatMap((name) =>
        FORBIDDEN_NAME.test(name)
          ? `${path}: "${name}" says nothing. Name it after what it holds, in the words of GLOSSARY.md.`
          : [],
      ),
    )
    expect(faults).toEqual([])
  })

  test('there is no default export, no `as` but `as const`, and no inheritance but from Error', () => {
    const faults = everything.flatMap((file) =>
      file.nodes.flatMap((node) => {
        if (node.type === 'ExportDefaultDeclaration') return `${file.at(node)}: default export. Export it by its name.`
        if (node.type === 'TSAsExpression' && !isAsConst(node))
          return `${file.at(node)}: \`as\` overrules the compiler. Narrow it, annotate it, or parse it at the door.`
        if (isClass(node) && child(node, 'superClass') !== null && spelling(child(node, 'superClass')) !== 'Error')
          return `${file.at(node)}: inherits. Pass what it shares as an argument.`
        return []
      }),
    )
    expect(faults).toEqual([])
  })

  test('no test replaces a module of ours', () => {
    const faults = everything.flatMap((file) =>
      file.nodes.flatMap((node) =>
        /^vi\.(mock|doMock|stubGlobal)$/.test(spelling(node))
          ? `${file.at(node)}: ${spelling(node)}. Use the real part: test/support has a database, both queues and a pretend school.`
          : [],
      ),
    )
    expect(faults).toEqual([])
  })
})

describe('data', () => {
  test('every query names its columns', () => {
    const faults = source.flatMap((file) =>
      file.nodes.flatMap((node) => {
        const inText = selectsEverything(wordsOf(node) ?? '')
        const inKysely = node.type === 'CallExpression' && /^(selectAll|returningAll)$/.test(calledMethod(node))
        if (!inText && !inKysely) return []
        return `${file.at(node)}: selects every column, also those added later. Name the ones it needs.`
      }),
    )
    expect(faults).toEqual([])
  })

  test('a job holds ids and nothing else: Redis never sees a person', () => {
    const faults = source.flatMap((file) =>
      !file.imports.some(({ from }) => from === 'bullmq')
        ? []
        : file.nodes.flatMap((node) => {
            const data = jobData(node)
            if (data === null || namesOnlyIds(data)) return []
            return `${file.at(node)}: job data must be an object literal of ids. What the job needs, it reads from Postgres.`
          }),
    )
    expect(faults).toEqual([])
  })
})

type Node = SourceFile['nodes'][number]

function isClass(node: Node): boolean {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
}

function isAsConst(node: Node): boolean {
  const type = child(node, 'typeAnnotation')
  return type !== null && spelling(child(type, 'typeName')) === 'const'
}

/**
 * Where a `Date` stands that reads no clock: made from a number inside a library's own call, as `signer.sign(id, new
 * Date(ms), body)`, or `Date.parse` of an HTTP date, for which Temporal has no words.
 */
function dateConversions(node: Node): number[] {
  if (spelling(node) === 'Date.parse') return [node.start]
  if (node.type !== 'CallExpression') return []
  const made = children(node, 'arguments').filter((one) => one.type === 'NewExpression' && children(one, 'arguments').length > 0)
  return made.flatMap((one) => child(one, 'callee')?.start ?? [])
}

/** Whether SQL asks for every column of a table. Of a list or a subquery whose columns the same text names, it may. */
function selectsEverything(text: string): boolean {
  if (!/\b(select|returning)\b/i.test(text)) return false
  const stars = text.matchAll(/(?:\b(?:select|returning)\s+|\b(\w+)\.)\*(?:\s+from\s+(\w+))?/gi)
  return [...stars].some(([, alias, table]) => {
    const source = alias ?? table ?? ''
    return source !== 'unnest' && !new RegExp(`\\b${source} as \\(|\\bas ${source} ?\\(`, 'i').test(text)
  })
}

/** The name of the method a call calls, also on something that has no name of its own, such as the end of a chain. */
function calledMethod(call: Node): string {
  const callee = child(call, 'callee')
  return callee === null ? '' : spelling(child(callee, 'property'))
}

/** What a job would carry, where a node gives it: the second argument of `queue.add`, or a job's `data` for `addBulk`. */
function jobData(node: Node): Node | null {
  if (node.type === 'Property' && spelling(child(node, 'key')) === 'data') return child(node, 'value')
  if (node.type !== 'CallExpression' || calledMethod(node) !== 'add') return null
  return children(node, 'arguments')[1] ?? null
}

function namesOnlyIds(data: Node): boolean {
  const names = children(data, 'properties').map((property) => spelling(child(property, 'key')))
  return data.type === 'ObjectExpression' && names.every((name) => /^(id|[a-z]\w*Id)$/.test(name))
}
