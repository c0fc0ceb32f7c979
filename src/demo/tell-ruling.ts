import { hang } from '../terminal/layout.ts'
import type { Stage } from '../terminal/stage.ts'
import { sentencesOf } from '../triage/sentences.ts'
import type { Outcome, Ruling } from '../words/outcome.ts'
import { inWords, type Names } from './people.ts'

/** Joins the refs of a ruling about several people; no ref holds it (contract §1). */
const JOINED = ' & '

/** Why each was told, what a person is asked, and what nobody could tell: every ruling that came to anything. */
export function rulingLines(stage: Stage, outcome: Outcome, names: Names): string[] {
  const merged: Outcome = { ...outcome, rulings: together(outcome.rulings) }
  const nameOf = (refs: string) => inWords(refs.split(JOINED).map(names.of))
  const general = new Set(sentencesOf({ ...outcome, rulings: [] }, nameOf))
  const sentencesFor = (ruling: Ruling) =>
    sentencesOf({ ...outcome, rulings: [ruling] }, nameOf).filter((sentence) => !general.has(sentence))
  const fired = merged.rulings.filter(({ result }) => result === 'fired')
  const told = fired.filter(({ tell }) => tell.length > 0)
  const asked = fired.filter(({ tell }) => tell.length === 0)
  const unsure = merged.rulings.filter(({ result }) => result === 'cannot_tell')
  const opening = sentencesOf(merged, nameOf).filter((sentence) => general.has(sentence))
  const sources = [...new Set([...told, ...asked].map(({ cites }) => cites.document))]
  return [
    ...hang(opening.join(' '), { mark: '  ', width: stage.width }),
    ...section(stage, 'Who is told, and why', told, (ruling) =>
      sentencesFor(ruling).flatMap((sentence) => explained(stage, sentence, ruling, sources)),
    ),
    ...section(stage, 'Why a person is asked', asked, (ruling) => askedLines(stage, ruling, sources)),
    ...sourceLines(stage, sources),
    ...section(stage, 'What could not be told', unsure, (ruling) =>
      sentencesFor(ruling).flatMap((sentence) => hang(sentence, { mark: '  ? ', width: stage.width })),
    ),
  ]
}

/** One rule that came to the same for several people is told once, about all of them. */
function together(rulings: readonly Ruling[]): Ruling[] {
  const groups = new Map<string, Ruling>()
  for (const ruling of rulings) {
    const verdicts = ruling.findings.map(({ verdict }) => verdict)
    const key = JSON.stringify([ruling.edition, ruling.rule, ruling.subject, ruling.result, verdicts])
    const known = groups.get(key)
    groups.set(key, known ? ofBoth(known, ruling) : ruling)
  }
  return [...groups.values()]
}

function ofBoth(one: Ruling, other: Ruling): Ruling {
  const findings = one.findings.map((finding, at) => {
    const found = [...new Set([finding.found, other.findings[at]?.found ?? finding.found])]
    return { ...finding, found: inWords(found) }
  })
  return { ...one, about: `${one.about}${JOINED}${other.about}`, findings }
}

function section(stage: Stage, title: string, rulings: readonly Ruling[], lines: (ruling: Ruling) => string[]): string[] {
  if (rulings.length === 0) return []
  return ['', `  ${stage.paint('cyan', title)}`, ...rulings.flatMap(lines)]
}

/** The sentence as it stands, its three parts set apart: who is told, the rule in our words, and what it rests on. */
function explained({ paint, width }: Stage, sentence: string, { says, cites }: Ruling, sources: readonly string[]): string[] {
  const [who = sentence, restsOn = ''] = sentence.split(says)
  if (restsOn === '') return hang(sentence, { mark: '  • ', width })
  const short = restsOn.replace(`${cites.document}: `, `${letterOf(sources, cites.document)} `).trim()
  return [
    ...hang(who.trim(), { mark: '  • ', width, paint: (line) => paint('bold', line) }),
    ...hang(says, { mark: '    ', width }),
    ...hang(short, { mark: '    ', width, paint: (line) => paint('dim', line) }),
  ]
}

/** What is asked stands with the task. */
function askedLines({ paint, width }: Stage, { says, cites }: Ruling, sources: readonly string[]): string[] {
  const source = `(${letterOf(sources, cites.document)} ${cites.section}.)`
  return [...hang(says, { mark: '  • ', width }), ...hang(source, { mark: '    ', width, paint: (line) => paint('dim', line) })]
}

/** A document has a long name and is cited often: a letter stands for it. */
function letterOf(sources: readonly string[], document: string): string {
  return `[${String.fromCharCode('A'.charCodeAt(0) + sources.indexOf(document))}]`
}

function sourceLines({ paint, width }: Stage, sources: readonly string[]): string[] {
  return sources.flatMap((document, at) => [
    ...(at === 0 ? [''] : []),
    ...hang(document, { mark: `  ${letterOf(sources, document)} `, width, paint: (line) => paint('dim', line) }),
  ])
}
