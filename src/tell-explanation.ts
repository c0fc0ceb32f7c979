import { hang, type Style, tableLines } from './terminal/layout.ts'
import { headingLines, type Stage } from './terminal/stage.ts'
import { nearestFirst, whatWouldChange } from './triage/what-would-change.ts'
import type { Finding, Outcome, PolicyEdition, Ruling, Tell, TimeLimit } from './words/outcome.ts'

/** One notification's outcome, and whether it stands in the record or was decided just now. */
export interface Explained {
  /** The police reference. */
  title: string
  recorded: { at: string; triages: number } | null
  outcome: Outcome
}

/** A rule that came to the same for several people, once. */
interface Together {
  ruling: Ruling
  about: string[]
}

interface Section {
  title: string
  /** How to read what stands under a rule. */
  hint: string
  rows: readonly Together[]
}

const marks: Record<Finding['verdict'], { mark: string; style: Style }> = {
  met: { mark: '✓', style: 'green' },
  not_met: { mark: '✗', style: 'red' },
  unknown: { mark: '?', style: 'yellow' },
}

/** Which rules fired, cannot tell and did not fire, with what each found and what would have changed it. */
export function explanationLines({ title, recorded, outcome }: Explained, stage: Stage): string[] {
  const of = (result: Ruling['result']) => together(outcome.rulings.filter((ruling) => ruling.result === result))
  const nearest = (rows: Together[]) => nearestFirst(rows.map((row) => ({ ...row, findings: row.ruling.findings })))
  const law = labelOf(outcome.statutory)
  const sections: Section[] = [
    { title: 'Fired', hint: 'any one of its findings otherwise, and it would not have', rows: of('fired') },
    { title: 'Cannot tell, so a person decides', hint: 'it waits for what is marked ?', rows: nearest(of('cannot_tell')) },
    {
      title: 'Did not fire',
      hint: 'it would, with all of these as wanted; the nearest first',
      rows: nearest(of('did_not_fire')),
    },
  ]
  return [
    ...headingLines(stage, title, recorded === null ? 'decided now, from a file' : `as recorded at ${recorded.at}`),
    ...openingLines(outcome, recorded, stage),
    ...sections.flatMap((section) => sectionLines(section, law, stage)),
  ]
}

function openingLines({ policy, statutory, victimRisk }: Outcome, recorded: Explained['recorded'], { width }: Stage): string[] {
  const procedure = policy === null ? 'No procedure is loaded for this area' : `Procedure ${labelOf(policy)}`
  const again = recorded !== null && recorded.triages > 1 ? ` It was decided ${recorded.triages} times; this is the latest.` : ''
  const unknown = recorded === null ? ' Nothing was looked up: earlier incidents and registers are unknown here.' : ''
  const risk = victimRisk.replaceAll('_', ' ')
  return hang(`${procedure}, over the law of ${labelOf(statutory)}. The victim’s risk: ${risk}.${again}${unknown}`, {
    mark: '  ',
    width,
  })
}

function sectionLines({ title, hint, rows }: Section, law: string, stage: Stage): string[] {
  if (rows.length === 0) return []
  const { paint } = stage
  const heading = `  ${paint('cyan', `${title} (${rows.length})`)}${paint('dim', `: ${hint}`)}`
  return ['', heading, ...rows.flatMap((row) => rulingLines(row, law, stage))]
}

function rulingLines({ ruling, about }: Together, law: string, { paint, width }: Stage): string[] {
  const change = whatWouldChange(ruling)
  const findings = change.kind === 'always fires' ? [] : change.findings
  const rows = findings.map(({ fact, found, wanted, verdict }) => {
    const { mark, style } = marks[verdict]
    return [{ text: mark, style }, { text: fact }, { text: found }, { text: `wants ${wanted}`, style: 'dim' as const }]
  })
  const follows =
    ruling.result === 'fired' ? [...ruling.tell.map(tellText), ...ruling.ask.map(({ desk }) => `asks ${spaced(desk)}`)] : []
  const people = about.length === 0 ? '' : `  ${about.join(', ')}`
  const inLaw = ruling.edition === law ? '  (law)' : ''
  return [
    ...hang(`${ruling.rule}${people}${inLaw}`, { mark: '  ', width, paint: (line) => paint('bold', line) }),
    ...(follows.length === 0 ? [] : hang(follows.join('; '), { mark: '    → ', width })),
    ...(change.kind === 'always fires' ? [`    ${paint('dim', 'it has no conditions')}`] : []),
    ...tableLines({ titles: [], widest: [1, 26, 30, 33], rows }, '    ', paint),
  ]
}

function tellText({ service, kind, within }: Tell): string {
  return `${spaced(service)}: ${kind}${limitText(within)}`
}

function limitText(limit: TimeLimit): string {
  if (limit.kind === 'where silent') return ''
  if (limit.kind === 'before school opens') return ' before school opens'
  const { high, otherwise } = limit
  return high === otherwise ? ` within ${high} h` : ` within ${high} h at high risk, else ${otherwise} h`
}

/** One rule with the same findings about several people is told once. */
function together(rulings: readonly Ruling[]): Together[] {
  const groups = new Map<string, Together>()
  for (const ruling of rulings) {
    const { edition, rule, findings, about } = ruling
    const key = JSON.stringify([edition, rule, findings])
    const known = groups.get(key) ?? { ruling, about: [] }
    groups.set(key, known)
    if (about !== null) known.about.push(ruling.subject === 'each unborn child' ? `unborn of ${about}` : about)
  }
  return [...groups.values()]
}

const spaced = (word: string) => word.replaceAll('_', ' ')

const labelOf = ({ area, inForceFrom }: PolicyEdition) => `${area}/${inForceFrom}`
