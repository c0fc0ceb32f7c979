import type { DateText } from '../words/clock.ts'
import type { DecisionKind } from '../words/decision.ts'
import type { Desk } from '../words/dispatch.ts'
import type { AuthorityCode } from '../words/ids.ts'
import type { About, Ask, PolicyEdition, Tell, TimeLimit } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import type { Condition } from './conditions.ts'
import { parseCondition } from './conditions.ts'
import type { decisionNames, ExampleFacts, Pack, PackRule, serviceNames } from './pack.ts'

/** One row of a pack, compiled: who is told or asked when every condition is met. */
export interface Rule {
  rule: string
  says: string
  cites: { document: string; section: string }
  about: About
  conditions: readonly Condition[]
  tell: Tell[]
  ask: Ask[]
  examples: { fires: ExampleFacts[]; doesNotFire: ExampleFacts[] }
}

/** One area's procedure from one day, compiled and ready to judge. */
export interface Edition extends PolicyEdition {
  /** `area/inForceFrom`: how a ruling names it. */
  label: string
  authorities: 'every area' | readonly AuthorityCode[]
  /** From the call, for a referral by telephone; null where the procedure names no time. */
  writtenConfirmationHours: number | null
  rules: readonly Rule[]
  /** The same rules by what they are about, in the order of the pack. */
  rulesAbout: Readonly<Record<About, readonly Rule[]>>
  pack: Pack
}

/** Every edition of every area, and the law that lies under them. Days are dates in Europe/London. */
export interface Packs {
  editions: readonly Edition[]
  /** The area's edition in force for an authority on a day; null where no procedure is loaded for it. */
  editionFor(authority: AuthorityCode, on: DateText): Edition | null
  /**
   * The statutory edition in force on a day. Before the first one began, that first one: every force already ran the scheme
   * (domain §1.1), and telling a school under a scheme rather than a duty harms nobody.
   */
  statutoryFor(on: DateText): Edition
}

/** Compiles a pack that has no faults; `sha256` is that of its file's bytes. */
export function compileEdition(pack: Pack, sha256: string): Edition {
  const rules = pack.rules.map((rule) => compileRule(rule, pack))
  const about = (kind: About) => rules.filter((rule) => rule.about === kind)
  return {
    area: pack.area,
    inForceFrom: pack['in force from'],
    sha256,
    label: `${pack.area}/${pack['in force from']}`,
    authorities: pack.authorities ?? 'every area',
    writtenConfirmationHours: pack['written confirmation'] === undefined ? null : hoursOf(pack['written confirmation']),
    rules,
    rulesAbout: {
      'each child': about('each child'),
      'each unborn child': about('each unborn child'),
      'each party': about('each party'),
      'the notification': about('the notification'),
    },
    pack,
  }
}

/** Arranges editions for look-up. `statutory` holds at least one and lies under every area. */
export function arrangeEditions(areas: readonly Edition[], statutory: readonly [Edition, ...Edition[]]): Packs {
  const byAuthority = new Map<AuthorityCode, Edition[]>()
  for (const edition of newestFirst(areas)) {
    if (edition.authorities === 'every area') continue
    for (const authority of edition.authorities) {
      const known = byAuthority.get(authority)
      if (known === undefined) byAuthority.set(authority, [edition])
      else known.push(edition)
    }
  }
  const laws = newestFirst(statutory)
  const [firstLaw] = statutory.toSorted((one, other) => (one.inForceFrom < other.inForceFrom ? -1 : 1))
  return {
    editions: [...statutory, ...areas],
    editionFor: (authority, on) => byAuthority.get(authority)?.find(({ inForceFrom }) => inForceFrom <= on) ?? null,
    statutoryFor: (on) => laws.find(({ inForceFrom }) => inForceFrom <= on) ?? firstLaw ?? statutory[0],
  }
}

/** The conditions of a rule, with what is wrong with any cell that cannot be read. */
export function conditionsOf(when: PackRule['when']): { conditions: Condition[]; wrong: { fact: string; says: string }[] } {
  const conditions: Condition[] = []
  const wrong: { fact: string; says: string }[] = []
  for (const [fact, cell] of Object.entries(when)) {
    if (cell === undefined) continue
    const condition = parseCondition(fact, cell)
    if (typeof condition === 'string') wrong.push({ fact, says: condition })
    else conditions.push(condition)
  }
  return { conditions, wrong }
}

function compileRule(rule: PackRule, pack: Pack): Rule {
  return {
    rule: rule.rule,
    says: rule.says,
    cites: { document: rule.cites.document ?? pack.document.title, section: rule.cites.section },
    about: rule.about,
    conditions: conditionsOf(rule.when).conditions,
    tell: (rule.tell ?? []).map(compileTell),
    ask: (rule.ask ?? []).map(compileAsk),
    examples: { fires: rule.examples.fires, doesNotFire: rule.examples['does not fire'] },
  }
}

const services: Record<(typeof serviceNames)[number], Service> = {
  'childrens social care': 'childrens_social_care',
  'education setting': 'education_setting',
  'education authority': 'education_authority',
  health: 'health',
  marac: 'marac',
  idva: 'idva',
  'specialist support': 'specialist_support',
  'police child protection': 'police_child_protection',
}

const desks: Record<'domestic abuse review' | Exclude<Desk, 'domestic_abuse_review'>, Desk> = {
  'domestic abuse review': 'domestic_abuse_review',
  pitstop: 'pitstop',
  mash: 'mash',
  directory: 'directory',
}

const decisionOf: Record<(typeof decisionNames)[number], DecisionKind> = {
  refer: 'refer',
  notify: 'notify',
  'no further action': 'no_further_action',
  pitstop: 'pitstop',
  regrade: 'regrade',
  resolve: 'resolve',
}

function compileTell(tell: NonNullable<PackRule['tell']>[number]): Tell {
  return {
    service: services[tell.service],
    kind: tell.kind,
    within: compileLimit(tell.within),
    ...(tell.asks === undefined ? {} : { asks: 'child_and_family_assessment' }),
    ...(tell['with summary'] === undefined ? {} : { withSummary: true }),
  }
}

function compileAsk(ask: NonNullable<PackRule['ask']>[number]): Ask {
  return {
    desk: desks[ask.desk],
    question: ask.question,
    ...(ask.recommends === undefined ? {} : { recommends: ask.recommends }),
    ...(ask['supervisor agrees'] === undefined
      ? {}
      : { supervisorFor: ask['supervisor agrees'].map((name) => decisionOf[name]) }),
    ...(ask.within === undefined ? {} : { within: compileLimit(ask.within) }),
  }
}

function compileLimit(within: NonNullable<PackRule['tell']>[number]['within']): TimeLimit {
  if (within === undefined) return { kind: 'where silent' }
  if (within === 'before school opens') return { kind: 'before school opens' }
  if (typeof within === 'string') return { kind: 'hours', high: hoursOf(within), otherwise: hoursOf(within) }
  return { kind: 'hours', high: hoursOf(within.high), otherwise: hoursOf(within.otherwise) }
}

function hoursOf(text: string): number {
  return Number.parseInt(text, 10)
}

function newestFirst(editions: readonly Edition[]): Edition[] {
  return editions.toSorted((one, other) => (one.inForceFrom > other.inForceFrom ? -1 : 1))
}
