import type { FactDefinition } from './facts.ts'

const yesOrNo = { kind: 'yes or no' } as const
const number = { kind: 'number' } as const

/** The facts that are the same for every subject of a notification: its risk, its circumstances and its history. */
export const incidentFacts = [
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
    name: 'marac referral in twelve months',
    about: ['each child', 'the notification'],
    values: { kind: 'one of', texts: ['registered', 'none registered'] },
    says: 'Whether the MARAC register shows a referral of the same victim and suspect from the same day twelve calendar months before the report. Never unknown: that none is registered is a reading of its own, with rules of its own.',
  },
] as const satisfies readonly FactDefinition[]
