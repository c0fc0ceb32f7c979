import type { About } from '../words/outcome.ts'

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
  {
    name: 'victim risk',
    about: ['each child', 'each unborn child', 'each party', 'the notification'],
    values: { kind: 'one of', texts: ['standard', 'medium', 'high'] },
    says: 'The highest grade police gave a victim; never a child’s, never computed from ticks; unknown when nobody graded it.',
  },
  {
    name: 'risk graded',
    about: ['the notification'],
    values: yesOrNo,
    says: 'Whether any assessment carries a grade. Never unknown.',
  },
  {
    name: 'ticks',
    about: ['the notification'],
    values: number,
    says: 'The most questions answered yes on one assessment; unknown where the tool counts none or the count was left out.',
  },
  {
    name: 'judged for idva',
    about: ['the notification'],
    values: yesOrNo,
    says: 'An officer judges, whatever the ticks, that the victim needs an independent advocate; a judgement that names no service stands for both.',
  },
  {
    name: 'judged for marac',
    about: ['each child', 'the notification'],
    values: yesOrNo,
    says: 'An officer judges, whatever the ticks, that the victim’s case is one for MARAC; a judgement that names no service stands for both.',
  },
  {
    name: 'area has a procedure',
    about: ['the notification'],
    values: yesOrNo,
    says: 'Whether a procedure is loaded for the authority of the incident on the day of the report. Never unknown.',
  },
  {
    name: 'child protection concern',
    about: ['the notification'],
    values: yesOrNo,
    says: 'Police state a child protection concern.',
  },
  {
    name: 'call made by the child',
    about: ['the notification'],
    values: yesOrNo,
    says: 'Police say that a child made the call.',
  },
  {
    name: 'victim asks for support',
    about: ['the notification'],
    values: yesOrNo,
    says: 'The victim asks for support; unknown where nobody could safely ask.',
  },
  {
    name: 'features',
    about: ['each child', 'each unborn child', 'the notification'],
    values: {
      kind: 'any of',
      texts: [
        'weapon',
        'strangulation',
        'threat to kill',
        'sexual assault',
        'stalking',
        'coercive control',
        'escalation',
        'breach of order',
        'honour based',
        'forced marriage',
        'fgm',
        'substance misuse',
        'mental ill health',
        'separation',
        'child contact dispute',
        'animal abuse',
        'child saw serious injury',
        'intimidates practitioners',
      ],
    },
    says: 'What police name about the incident; unknown when the list was left out altogether.',
  },
  {
    name: 'mental ill health',
    about: ['each child', 'each unborn child', 'the notification'],
    values: yesOrNo,
    says: 'Mental ill health is among the features of the incident.',
  },
  {
    name: 'substance misuse',
    about: ['each child', 'each unborn child', 'the notification'],
    values: yesOrNo,
    says: 'Misuse of drugs or alcohol is among the features of the incident.',
  },
  {
    name: 'previous incidents in three months',
    about: ['each child', 'each unborn child', 'the notification'],
    values: number,
    says: 'Earlier police references that share the victim, a child or the suspect, from the same day three calendar months before the report, this incident not counted; “at least” when the history may be short.',
  },
  {
    name: 'incidents in twelve months with this one',
    about: ['each child', 'each unborn child', 'the notification'],
    values: number,
    says: 'This incident, and the earlier police references that share the victim, a child or the suspect, from the same day twelve calendar months before the report; “at least” when the history may be short.',
  },
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
    says: 'The education status as police gave it (training counts as working); not school age, once Reception could have begun, is unknown.',
  },
  {
    name: 'place in education',
    about: ['each child', 'each party'],
    values: {
      kind: 'one of',
      texts: ['at a known school', 'without a school', 'not known', 'working', 'not yet at school', 'past school'],
    },
    says: 'Where what police say about schooling leads. Never unknown: “not known” is a reading of its own, with rules of its own.',
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
