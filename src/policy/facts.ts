import type { About } from '../words/outcome.ts'
import { incidentFacts } from './incident-facts.ts'

/** The values a fact can take. Any fact may also be *unknown*, unless its sentence says it never is. */
export type FactValues =
  | { kind: 'yes or no' }
  /** Exactly one of these. */
  | { kind: 'one of'; texts: readonly string[] }
  /** Any number of these at once: a cell is met when one of its texts is among them. */
  | { kind: 'any of'; texts: readonly string[] }
  /** A whole number. */
  | { kind: 'number' }

/** One fact a rule may read. The list is closed: a procedure that turns on anything else gets a named, tested fact here. */
export interface FactDefinition {
  /** As it is written in a pack. */
  name: string
  /** The kinds of subject it exists for. */
  about: readonly About[]
  values: FactValues
  /** What it says, in a sentence a triage lead can check. */
  says: string
}

const yesOrNo = { kind: 'yes or no' } as const
const number = { kind: 'number' } as const

/** Every fact a rule may read, in the order in which they are stored and shown. */
export const factDefinitions = [
  ...incidentFacts,
  {
    name: 'age',
    about: ['each child', 'each party'],
    values: number,
    says: 'Whole years on the day of the report, Europe/London; the birthday itself is outside “under”. A child without a date of birth counts in for every limit.',
  },
  {
    name: 'age in months',
    about: ['each child'],
    values: number,
    says: 'Whole months on the day of the report, Europe/London. A child without a date of birth counts in for every limit.',
  },
  {
    name: 'of school age',
    about: ['each child', 'each party'],
    values: yesOrNo,
    says: 'From the start of compulsory school age (Education Act 1996 s.8) to the eighteenth birthday.',
  },
  {
    name: 'role',
    about: ['each party'],
    values: { kind: 'one of', texts: ['victim', 'suspect'] },
    says: 'Whether the party is a victim or a suspect. Never unknown.',
  },
  {
    name: 'only a suspect',
    about: ['each child'],
    values: yesOrNo,
    says: 'The child subject is sixteen or seventeen and on the notification as a suspect. Never unknown.',
  },
  {
    name: 'related to a party',
    about: ['each child'],
    values: yesOrNo,
    says: 'Related to a victim or suspect, or one of them; yes where police do not say; unknown where only others are named.',
  },
  {
    name: 'child of the family',
    about: ['each child'],
    values: yesOrNo,
    says: 'A child of a victim or suspect wherever living, or one of them; yes where police do not say; no for any other relation; unknown for one that is not in our list.',
  },
  {
    name: 'in the household',
    about: ['each child', 'each unborn child'],
    values: yesOrNo,
    says: 'Lives or regularly stays with any party; not stated counts in. An unborn child lives where its mother does.',
  },
  {
    name: 'present',
    about: ['each child'],
    values: yesOrNo,
    says: 'Police say that the child was there.',
  },
  {
    name: 'moved',
    about: ['each child', 'each unborn child'],
    values: { kind: 'any of', texts: ['to another authority', 'from another authority', 'to a place not named'] },
    says: 'Where police say that the family has moved or the child is staying, against the authority of the incident. Never unknown: nothing stands for no move that police know of.',
  },
  {
    name: 'open to social care',
    about: ['each child', 'each unborn child'],
    values: yesOrNo,
    says: 'A fresh register of open cases names the child, or police say so; a register older than 48 hours reads as unknown.',
  },
  {
    name: 'education',
    about: ['each child'],
    values: {
      kind: 'one of',
      texts: [
        'on roll',
        'electively home educated',
        'missing education',
        'no school place',
        'excluded without provision',
        'neet',
        'working',
        'not school age',
      ],
    },
    says: 'The education status as police gave it (training counts as working), else on roll by a fresh school roll; not school age, once Reception could have begun, is unknown.',
  },
  {
    name: 'place in education',
    about: ['each child', 'each party'],
    values: {
      kind: 'one of',
      texts: ['at a known school', 'without a school', 'not known', 'working', 'not yet at school', 'past school'],
    },
    says: 'Where what police say about schooling leads, and a fresh school roll before it. Never unknown: “not known” is a reading of its own, with rules of its own.',
  },
  {
    name: 'injured',
    about: ['each child'],
    values: yesOrNo,
    says: 'Police say the child was injured.',
  },
  {
    name: 'used as a shield',
    about: ['each child'],
    values: yesOrNo,
    says: 'Police say the child was used as a shield.',
  },
  {
    name: 'pregnant',
    about: ['each unborn child'],
    values: yesOrNo,
    says: 'The person named is pregnant; unknown for a victim, not male, of whom police do not say.',
  },
] as const satisfies readonly FactDefinition[]

/** The name of a fact, as it is written in a pack. */
export type FactName = (typeof factDefinitions)[number]['name']

const byName = new Map<string, { definition: FactDefinition & { name: FactName }; slot: number }>(
  factDefinitions.map((definition, slot) => [definition.name, { definition, slot }]),
)

/** Looks a fact up by its name in a pack; `slot` is its place in `factDefinitions`. Undefined: there is no such fact. */
export function factNamed(name: string): { definition: FactDefinition & { name: FactName }; slot: number } | undefined {
  return byName.get(name)
}

/** The texts a cell about this fact may use; none for a number. */
export function textsOf(values: FactValues): readonly string[] {
  if (values.kind === 'yes or no') return ['yes', 'no']
  return values.kind === 'number' ? [] : values.texts
}
