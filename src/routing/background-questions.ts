import { schoolFound } from '../triage/school.ts'
import type { BadIdentifier, PossibleMatch } from '../words/background.ts'
import type { PersonRef, Urn } from '../words/ids.ts'
import type { Person } from '../words/notification.ts'
import type { Circumstances } from './circumstances.ts'
import { schoolClockOf } from './circumstances.ts'
import { reviewDueBy } from './deadlines.ts'
import type { OpenQuestion } from './questions.ts'
import { schoolNow } from './recipients.ts'

/**
 * What the background leaves to a person, whatever any rule says: records that may be about somebody here, numbers that cannot
 * be right, and schools of which police and the registers do not say the same.
 */
export function questionsOfBackground(about: Circumstances): OpenQuestion[] {
  const { background, people } = about
  const review = [...background.possible.flatMap(possibleQuestion), ...background.badIdentifiers.map(badQuestion)]
  const reviewed = review.map((asked): OpenQuestion => onDesk('domestic_abuse_review', asked, reviewDueBy(about.clock)))
  return [...reviewed, ...[...people.values()].flatMap((person) => schoolQuestions(person, about))]
}

interface Asked {
  question: string
  about: PersonRef[]
  recommends?: string
}

function onDesk(desk: OpenQuestion['desk'], { question, about, recommends }: Asked, dueBy: OpenQuestion['dueBy']): OpenQuestion {
  return { desk, question, recommends: recommends ?? null, about, rules: [], dueBy }
}

const reasons: Record<PossibleMatch['by'], string> = {
  'sound and birth': 'a name that sounds the same and the same date of birth',
  address: 'the same address',
}

/** Named by reference alone: whoever may see that record can open it. A roll is the directory desk's to ask about. */
function possibleQuestion({ ref, by, record }: PossibleMatch): Asked[] {
  if (record.kind === 'roll') return []
  const where = record.kind === 'incident' ? incidentText(record) : `the open case ${record.caseReference} of ${record.authority}`
  const question = `Is ${ref} on ${where}? There is ${reasons[by]}. It has not been counted: say whether it is the same person.`
  return [{ question, about: [ref] }]
}

function incidentText({ policeReference, ref }: Extract<PossibleMatch['record'], { kind: 'incident' }>): string {
  if (policeReference === null) return 'an incident of another force'
  return ref === null ? policeReference : `${policeReference} (there ${ref})`
}

function badQuestion({ ref, scheme }: BadIdentifier): Asked {
  const whose = ref === null ? 'the place of the incident' : ref
  const question = `The ${scheme} given for ${whose} cannot be right, so nobody was looked for by it. What is it?`
  return { question, about: ref === null ? [] : [ref] }
}

function schoolQuestions(person: Person, about: Circumstances): OpenQuestion[] {
  const asked = [...nearSchool(person, about), ...rollAgainstPolice(person, about), ...possibleRoll(person, about)]
  return asked.map((one) => onDesk('directory', { ...one, about: [person.ref] }, schoolClockOf(person, about)))
}

type AskedOfSchool = Omit<Asked, 'about'>

function nearSchool({ ref }: Person, { background }: Circumstances): AskedOfSchool[] {
  const near = background.nearSchools.find((school) => school.ref === ref)
  if (near === undefined) return []
  const number = near.urn === null ? '' : `, URN ${near.urn}`
  const question = `Is ${ref}’s school ${near.name} (${near.recipientId}${number})? Its name is the nearest to the one police give. It has been told nothing.`
  return [{ question, recommends: `If it is, tell ${near.recipientId}.` }]
}

function rollAgainstPolice(person: Person, about: Circumstances): AskedOfSchool[] {
  const { doubt, urns } = schoolFound(person, about.background)
  const said = person.education?.urns ?? []
  if (doubt === null) return []
  if (doubt === 'not on that roll')
    return [
      { question: `Is ${person.ref} at the school with URN ${said.join(', ')}? Police say so, and its fresh roll does not.` },
    ]
  if (doubt === 'rolls of two schools') {
    const rolls = [...new Set(about.background.rolls.filter(({ ref }) => ref === person.ref).map(({ urn }) => urn))]
    const question = `Which school is ${person.ref} at? The rolls of ${rolls.join(' and ')} have a child of that name and date of birth, who may be two children.`
    return [{ question }]
  }
  // Two schools that the directory does not have are not one school.
  const standing = (urn: Urn) => schoolNow(about.directory, urn)?.id ?? urn
  const told = new Set(urns.map(standing))
  const left = said.filter((urn) => !told.has(standing(urn)))
  if (left.length === 0) return []
  const question = `Is ${person.ref} at the school with URN ${urns.join(', ')} and not ${left.join(', ')}, which police name? A fresh roll decided, and the other was told nothing.`
  return [{ question }]
}

/** Worth asking only where the school is not known. */
function possibleRoll(person: Person, { background }: Circumstances): AskedOfSchool[] {
  if (schoolFound(person, background).urns.length > 0) return []
  return background.possible.flatMap(({ ref, record }) => {
    if (ref !== person.ref || record.kind !== 'roll') return []
    const question = `Is ${ref} at the school with URN ${record.urn}? Its roll has a name that sounds the same and the same date of birth. It has been told nothing.`
    return [{ question }]
  })
}
