import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Edition } from './policy/edition.ts'
import { type PackFault, readDraft, readPacks } from './policy/load.ts'
import type { PolicyCommands } from './policy-commands.ts'
import { hang, type Paint, tableLines } from './terminal/layout.ts'
import { openStage, type Stage } from './terminal/stage.ts'

/** Checks one pack, or all in a folder. @returns 1 where there is any fault */
export async function checkPolicies({ out }: PolicyCommands, { path, json }: { path: string; json: boolean }): Promise<number> {
  const { editions, faults } = await readPath(path)
  const stage = openStage(out, () => undefined)
  if (json) stage.say(JSON.stringify({ packs: editions.map(summary), faults }, null, 2))
  else if (faults.length > 0) stage.say(...faultLines(faults, stage))
  else stage.say(...packLines(editions, stage.paint))
  return faults.length > 0 ? 1 : 0
}

async function readPath(path: string): Promise<{ editions: readonly Edition[]; faults: PackFault[] }> {
  if ((await stat(path)).isDirectory()) {
    const read = await readPacks(path)
    if (read.kind === 'packs') return { editions: read.packs.editions, faults: [] }
    return {
      editions: [],
      faults: read.faults.map((fault) => ({ ...fault, file: fault.file === path ? path : join(path, fault.file) })),
    }
  }
  const read = readDraft(path, await readFile(path))
  return read.kind === 'edition' ? { editions: [read.edition], faults: [] } : { editions: [], faults: read.faults }
}

function summary({ area, inForceFrom, authorities, rules, sha256, pack }: Edition) {
  const assumed = pack.rules.filter(({ assumes }) => assumes !== undefined).length + (pack.assumes?.length ?? 0)
  return { area, inForceFrom, authorities, rules: rules.length, assumed, notRouted: pack['not routed']?.length ?? 0, sha256 }
}

function packLines(editions: readonly Edition[], paint: Paint): string[] {
  const rows = editions
    .map(summary)
    .map(({ area, inForceFrom, rules, assumed, notRouted }) => [
      { text: area, style: 'bold' as const },
      { text: inForceFrom },
      { text: String(rules), align: 'right' as const },
      { text: String(assumed), align: 'right' as const },
      { text: String(notRouted), align: 'right' as const },
    ])
  const titles = ['area', 'in force from', 'rules', 'assumed', 'not routed']
  return [
    ...tableLines({ titles, widest: [44, 14, 6, 8, 10], rows }, '', paint),
    '',
    paint('green', `${editions.length === 1 ? 'One pack' : `${editions.length} packs`}, no fault.`),
  ]
}

/** Where it stands, so that an editor can jump there; then what is wrong and how to mend it. */
function faultLines(faults: readonly PackFault[], { paint, width }: Stage): string[] {
  return [
    ...faults.flatMap(({ file, line, path, says }) => [
      `${paint('bold', `${file}${line === null ? '' : `:${line}`}`)}${path === '' ? '' : `  ${paint('dim', path)}`}`,
      ...hang(says, { mark: '  ', width }),
    ]),
    '',
    paint('red', faults.length === 1 ? 'One fault.' : `${faults.length} faults.`),
  ]
}
