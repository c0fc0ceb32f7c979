import type { Background } from '../words/background.ts'
import type { PersonRef } from '../words/ids.ts'
import type { Notification, Person, RiskAssessment } from '../words/notification.ts'
import { type Day, dayOf, londonDay, monthsOn, reached, schoolAgeStarts, yearsOn } from './days.ts'
import { missingChildren } from './missing-children.ts'
import { schoolFound } from './school.ts'

/** What a notification leaves open that somebody must ask: a finding and a question, never a refusal. */
export interface Gap {
  code:
    | 'child_missing'
    | 'child_perhaps_listed_otherwise'
    | 'pregnancy_without_unborn_child'
    | 'children_assessed_none_listed'
    | 'dependants_hurt_none_injured'
    | 'school_left_blank'
  /** It may name a child: it is sealed wherever it is kept, and no event holds more than the code. */
  question: string
  about: PersonRef[]
  /** It cannot wait for the ordinary review. */
  urgent: boolean
}

/** Compares what officers ticked, and who was seen before, with who is listed. The most urgent first. */
export function gapsOf(notification: Notification, background: Background): Gap[] {
  const reportedOn = londonDay(Temporal.Instant.from(notification.incident.reportedAt))
  const children = notification.people.filter((person) => isChild(person, reportedOn))
  const found = [
    ...missingChildren(notification, background, reportedOn),
    ...(notification.riskAssessments ?? []).flatMap((assessment) =>
      gapsOfAssessment(assessment, notification, children, reportedOn),
    ),
    ...children.filter((child) => leftBlank(child, background, reportedOn)).map(schoolLeftBlank),
  ]
  return [...new Map(found.map((gap) => [`${gap.code} ${gap.question}`, gap])).values()]
}

/**
 * Questions by topic (domain 2.1): ids and topics alone, the wording is not ours to print. The police's DASH has 27 questions
 * and the 24 of the other order lack the three about dependants. A DARA, or a young person's form, has other questions.
 */
const dashOf27 = { pregnant: 'q9', dependants: ['q10', 'q11', 'q12', 'q21'], dependantsHurt: 'q11' } as const
const ricOf24 = { pregnant: 'q9', dependants: ['q18'], dependantsHurt: 'q18' } as const
const RIC_ITEMS = 24

function topicsOf({ tool, itemCount }: RiskAssessment): typeof dashOf27 | typeof ricOf24 | null {
  if (tool === 'RIC') return ricOf24
  if (tool !== 'DASH') return null
  return itemCount === RIC_ITEMS ? ricOf24 : dashOf27
}

function gapsOfAssessment(
  assessment: RiskAssessment,
  notification: Notification,
  children: readonly Person[],
  reportedOn: Day,
): Gap[] {
  const topics = topicsOf(assessment)
  if (topics === null) return []
  const { answers = {}, personRef, tool } = assessment
  const about = [personRef]
  const gaps: Gap[] = []
  const expecting = notification.people.some(carries) || children.some((child) => isBaby(child, reportedOn))
  if (answers[topics.pregnant] === 'yes' && !expecting) gaps.push({ ...pregnancyWithoutUnborn(tool, topics.pregnant), about })
  const ticked = topics.dependants.filter((question) => answers[question] === 'yes')
  if (ticked.length > 0 && children.length === 0) gaps.push({ ...noneListed(tool, ticked), about })
  const injured = notification.people.some(
    (person) => person.injured === true && (children.includes(person) || person.role === 'other_adult'),
  )
  if (answers[topics.dependantsHurt] === 'yes' && children.length > 0 && !injured) {
    gaps.push({ ...noneInjured(tool, topics.dependantsHurt), about: children.map(({ ref }) => ref) })
  }
  return gaps
}

const ordinary = { urgent: false, about: [] }

function pregnancyWithoutUnborn(tool: string, question: string): Gap {
  return {
    ...ordinary,
    code: 'pregnancy_without_unborn_child',
    question: `The ${tool} (${question}) says pregnant or a baby lately, but no unborn child and no baby is listed. Who is the child?`,
  }
}

function noneListed(tool: string, questions: readonly string[]): Gap {
  return {
    ...ordinary,
    code: 'children_assessed_none_listed',
    question: `The ${tool} (${questions.join(', ')}) speaks of children or other dependants, but no child is listed. Is a child missing here?`,
  }
}

function noneInjured(tool: string, question: string): Gap {
  return {
    ...ordinary,
    code: 'dependants_hurt_none_injured',
    question: `The ${tool} (${question}) says that a child or other dependant was hurt, but nobody is given as injured. Who was hurt, and when?`,
  }
}

function schoolLeftBlank({ ref }: Person): Gap {
  return {
    ...ordinary,
    code: 'school_left_blank',
    question: 'No school or college is given for this child, who is of school age. Which is it? Ask the officer.',
    about: [ref],
  }
}

function isChild(person: Person, reportedOn: Day): boolean {
  if (person.dateOfBirth !== undefined) return yearsOn(dayOf(person.dateOfBirth), reportedOn) < 18
  return person.role === 'child' || (person.approximateAge !== undefined && person.approximateAge < 18)
}

/** As the question asks: born in the last eighteen months. */
const BABY_MONTHS = 18

function isBaby({ dateOfBirth, approximateAge }: Person, reportedOn: Day): boolean {
  if (dateOfBirth !== undefined) return monthsOn(dayOf(dateOfBirth), reportedOn) < BABY_MONTHS
  return approximateAge !== undefined && approximateAge <= 1
}

function carries({ pregnant, unborn, expectedDeliveryDate }: Person): boolean {
  return pregnant ?? (unborn !== undefined || expectedDeliveryDate !== undefined)
}

/** Nothing is said of schooling, or that the child is on some roll and not whose. A roll that names the child fills the blank. */
function leftBlank(person: Person, background: Background, reportedOn: Day): boolean {
  const { education } = person
  if (!ofSchoolAge(person, reportedOn) || schoolFound(person, background).urns.length > 0) return false
  if (education === undefined || education.status === 'unknown') return education?.establishmentName === undefined
  return education.status === 'on_roll' && education.establishmentName === undefined
}

/** From the start of compulsory school age to eighteen; a child of whom only the role is known counts in. */
function ofSchoolAge({ dateOfBirth, approximateAge }: Person, reportedOn: Day): boolean {
  if (dateOfBirth !== undefined) return reached(schoolAgeStarts(dayOf(dateOfBirth)), reportedOn)
  return approximateAge === undefined || approximateAge >= 5
}
