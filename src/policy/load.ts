import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml'
import type { Edition, Packs } from './edition.ts'
import { arrangeEditions, compileEdition } from './edition.ts'
import { readPack } from './pack-faults.ts'

/** One thing wrong in one file, as a triage lead can mend it. Lines count from 1; null where the file has no such place. */
export interface PackFault {
  file: string
  line: number | null
  path: string
  says: string
}

export type ReadPacks = { kind: 'packs'; packs: Packs } | { kind: 'faults'; faults: PackFault[] }

/**
 * Reads every edition in `policies/`: one folder an area, one file an edition, named by its first day. One fault anywhere
 * refuses them all, because a service that runs on half of its procedures would leave children out in silence.
 */
export async function readPacks(folder: string): Promise<ReadPacks> {
  const editions: { file: string; edition: Edition }[] = []
  const faults: PackFault[] = []
  for (const file of await packFiles(folder)) {
    const read = readEdition(file, await readFile(join(folder, file)))
    if (read.kind === 'faults') faults.push(...read.faults)
    else editions.push({ file, edition: read.edition })
  }
  faults.push(...faultsBetween(editions))
  const all = editions.map(({ edition }) => edition)
  const [firstLaw, ...laws] = all.filter(({ authorities }) => authorities === 'every area')
  if (firstLaw === undefined) {
    faults.push({ file: folder, line: null, path: '', says: 'no pack lies under every area; the statutory one is missing' })
  }
  if (firstLaw === undefined || faults.length > 0) return { kind: 'faults', faults }
  const areas = all.filter(({ authorities }) => authorities !== 'every area')
  return { kind: 'packs', packs: arrangeEditions(areas, [firstLaw, ...laws]) }
}

/** Reads the packs, and throws with every fault listed when there is one: the service must not start on a broken procedure. */
export async function loadPacks(folder: string): Promise<Packs> {
  const read = await readPacks(folder)
  if (read.kind === 'packs') return read.packs
  throw new Error(`The policy packs cannot be used.\n${read.faults.map(faultLine).join('\n')}`)
}

/** A fault on one line: file, line, place, what to do. */
export function faultLine({ file, line, path, says }: PackFault): string {
  return `${file}${line === null ? '' : `:${line}`} ${path === '' ? '' : `${path}: `}${says}`
}

export type ReadEdition = { kind: 'edition'; edition: Edition } | { kind: 'faults'; faults: PackFault[] }

/** Reads one file's bytes as an edition, or lists every fault in it. `file` is its path inside `policies/`. */
export function readEdition(file: string, bytes: Uint8Array): ReadEdition {
  const { read, lineOf } = readText(file, bytes)
  if (read.kind === 'faults') return read
  const { area, inForceFrom } = read.edition
  if (`${area}/${inForceFrom}.yaml` === file) return read
  const says = `a file stands where its area and first day say: ${area}/${inForceFrom}.yaml`
  const path = ['in force from']
  return { kind: 'faults', faults: [{ file, line: lineOf(path), path: pathText(path), says }] }
}

/** Reads a pack that does not stand in `policies/` yet. `file` is what its faults call it. */
export function readDraft(file: string, bytes: Uint8Array): ReadEdition {
  return readText(file, bytes).read
}

type LineOf = (path: readonly (string | number)[]) => number | null

function readText(file: string, bytes: Uint8Array): { read: ReadEdition; lineOf: LineOf } {
  const lines = new LineCounter()
  const document = parseDocument(new TextDecoder().decode(bytes), { lineCounter: lines, prettyErrors: false })
  const lineOf: LineOf = (path) => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const refused = (faults: PackFault[]) => ({ read: { kind: 'faults' as const, faults }, lineOf })
  if (document.errors.length > 0) {
    return refused(
      document.errors.map(({ pos, message }) => ({ file, line: lines.linePos(pos[0]).line, path: '', says: message })),
    )
  }
  const alias = firstAlias(document)
  if (alias !== null) {
    const line = lines.linePos(alias).line
    return refused([{ file, line, path: '', says: 'write it out: a pack has no aliases' }])
  }
  const read = readPack(document.toJS())
  if (read.kind === 'faults') {
    return refused(read.faults.map(({ path, says }) => ({ file, line: lineOf(path), path: pathText(path), says })))
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { read: { kind: 'edition', edition: compileEdition(read.pack, sha256) }, lineOf }
}

/** Where the first alias stands. One may stand for others, and a few lines then for more than memory holds. */
function firstAlias(document: Document): number | null {
  let offset: number | null = null
  visit(document, {
    Alias: (_, { range }) => {
      offset = range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

async function packFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const areas = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const files = await Promise.all(
    areas.map(async (area) =>
      (await readdir(join(folder, area))).filter((name) => /\.ya?ml$/.test(name)).map((name) => `${area}/${name}`),
    ),
  )
  return files.flat().sort()
}

/** An authority has one procedure: two areas that claim it would leave it to chance which one is followed. */
function faultsBetween(editions: readonly { file: string; edition: Edition }[]): PackFault[] {
  const areaOf = new Map<string, string>()
  const faults: PackFault[] = []
  for (const { file, edition } of editions) {
    if (edition.authorities === 'every area') continue
    for (const authority of edition.authorities) {
      const area = areaOf.get(authority) ?? edition.area
      areaOf.set(authority, area)
      if (area !== edition.area) {
        faults.push({ file, line: null, path: 'authorities', says: `${authority} already stands in the packs of ${area}` })
      }
    }
  }
  return faults
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
