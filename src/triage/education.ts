import { distance } from 'fastest-levenshtein'
import type { Reading } from '../policy/conditions.ts'
import type { Background } from '../words/background.ts'
import type { Education } from '../words/notification.ts'
import { yearsBetween } from './ages.ts'
import { reached, receptionStarts } from './days.ts'
import { schoolFound } from './school.ts'
import type { Subject } from './situation.ts'

/**
 * The status as police gave it; where they gave none that can hold, a fresh school roll. "Not school age" is unknown once
 * Reception could have begun.
 */
export function education(subject: Subject): Reading {
  const status = subject.person?.education?.status ?? 'unknown'
  const tooOld = status === 'not_school_age' && mayBeInReception(subject)
  if (status !== 'unknown' && !tooOld) return statusReadings[status]
  if (onRollUnder18(subject)) return onRollByRegister
  return tooOld ? tooOldForNotSchoolAge : notStated
}

/**
 * Where what police and fresh rolls say about schooling leads (design, "Schools" and "`unknown` education"). Enrolment
 * decides: somebody under 18 on a fresh roll is at that school, whatever police say of their status.
 */
export function placeInEducation(subject: Subject): Reading {
  const given = subject.person?.education
  if (onRollUnder18(subject)) return placeByRoll(subject)
  switch (given?.status) {
    case 'on_roll':
      return schoolOf(given, subject)
    case 'electively_home_educated':
    case 'missing_education':
    case 'no_school_place':
    case 'excluded_without_provision':
    case 'neet':
      return placeReading('without a school', spaced(given.status))
    case 'training_or_work':
      return inTraining
    case 'not_school_age':
      return mayBeInReception(subject) ? placeByAge(subject, tooOldForNotSchoolAge.found) : notYet
    default:
      return placeByAge(subject, notStated.found)
  }
}

/** The first years in which a missing status is asked about: a nursery class may have a child of three on its roll. */
const ASKED_FROM_YEARS = 3
const ASKED_UNTIL_YEARS = 18

function placeByAge(subject: Subject, found: string): Reading {
  const { from, to } = yearsBetween(subject)
  if (to < ASKED_FROM_YEARS) return notYet
  return from >= ASKED_UNTIL_YEARS ? past : placeReading('not known', found)
}

/** Without a date of birth nobody can say that Reception has not begun. */
function mayBeInReception({ born, situation }: Subject): boolean {
  return born === null || reached(receptionStarts(born), situation.reportedOn)
}

function onRollUnder18(subject: Subject): boolean {
  const { person, situation } = subject
  if (person === null || situation.background.rolls.length === 0) return false
  return schoolFound(person, situation.background).onRoll && yearsBetween(subject).from < ASKED_UNTIL_YEARS
}

function placeByRoll({ person, situation }: Subject): Reading {
  const given = person?.education
  if (person === null || given === undefined || given.status === 'unknown') return rollAlone
  if (given.status !== 'on_roll') return rollAgainstStatus(spaced(given.status))
  if ((given.urns ?? []).length === 0) return rollNamesSchool
  return schoolFound(person, situation.background).doubt === null ? rollAgrees : rollDecides
}

function schoolOf(given: Education, { person, situation: { background } }: Subject): Reading {
  const { urns = [], establishmentName } = given
  const doubt = person === null ? null : schoolFound(person, background).doubt
  if (urns.length === 0 && doubt === 'rolls of two schools') return rollsOfTwoSchools
  if (urns.length === 0) return establishmentName === undefined ? rollWithoutSchool : schoolWithoutUrn
  if (nameContradictsNumber(given, background)) return contradicted
  return doubt === 'not on that roll' ? knownSchoolNotOnRoll : knownSchool
}

/** The directory knows every number given, and none of those schools can have the name given. */
export function nameContradictsNumber(given: Education | undefined, { establishments }: Background): boolean {
  const { urns = [], establishmentName } = given ?? {}
  const names = establishments.filter(({ urn }) => urns.includes(urn)).map(({ name }) => name)
  // A number the directory does not have cannot contradict a name; that it must be found there is the directory's matter.
  if (establishmentName === undefined || urns.length === 0 || names.length < urns.length) return false
  return !names.some((name) => sameSchool(name, establishmentName))
}

const saysNothing = new Set(['the', 'school', 'academy', 'college', 'of', 'and', 'at', 'a'])

/**
 * Whether two names can be one school's: every word of the shorter is in the longer, give or take a slip of the pen.
 * "Infant" and "Junior" are kept, because they are two schools on one site.
 */
export function sameSchool(one: string, other: string): boolean {
  if (one === other) return true
  const words = (name: string) =>
    name
      .toLowerCase()
      .replace(/['’.]/g, '')
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '' && !saysNothing.has(word))
  const [short = [], long = []] = [words(one), words(other)].sort((a, b) => a.length - b.length)
  return short.length > 0 && short.every((word) => long.some((match) => distance(word, match) <= Math.floor(word.length / 5)))
}

function placeReading(text: Place, found: string): Reading {
  return { kind: 'text', text, found }
}

type Place = 'at a known school' | 'without a school' | 'not known' | 'working' | 'not yet at school' | 'past school'

function spaced(status: string): string {
  return status.replaceAll('_', ' ')
}

const notStated = { kind: 'unknown', found: 'not stated' } as const
const tooOldForNotSchoolAge = { kind: 'unknown', found: 'given as not school age, but Reception may have begun' } as const
const inTraining = placeReading('working', 'in training or work')
const notYet = placeReading('not yet at school', 'not yet at school')
const past = placeReading('past school', 'eighteen or over')
const knownSchool = placeReading('at a known school', 'on roll at a school that is named')
const rollWithoutSchool = placeReading('not known', 'on roll, but no school is named')
const schoolWithoutUrn = placeReading('not known', 'on roll at a school that is named without its number')
const knownSchoolNotOnRoll = placeReading(
  'at a known school',
  'on roll at a school that is named, though its fresh roll does not have the child',
)
const rollAlone = placeReading('at a known school', 'police do not say; a fresh school roll has the child')
const rollNamesSchool = placeReading('at a known school', 'on roll; a fresh school roll names the school')
const rollAgrees = placeReading('at a known school', 'on roll at a school that is named, and on its fresh roll')
const rollDecides = placeReading('at a known school', 'on a fresh roll of another school than police name: the roll decides')
const rollAgainstStatus = (status: string) =>
  placeReading('at a known school', `on a fresh school roll, though police say ${status}`)
const rollsOfTwoSchools = placeReading('not known', 'on roll; fresh rolls of two schools name a child who may be this one')
const onRollByRegister: Reading = { kind: 'text', text: 'on roll', found: 'a fresh school roll has the child' }
const contradicted = placeReading('not known', 'on roll, but the school’s number and its name do not belong together')

const statusReadings = {
  on_roll: placed('on roll'),
  electively_home_educated: placed('electively home educated'),
  missing_education: placed('missing education'),
  no_school_place: placed('no school place'),
  excluded_without_provision: placed('excluded without provision'),
  neet: placed('neet'),
  training_or_work: inTraining,
  not_school_age: placed('not school age'),
}

function placed(text: string): Reading {
  return { kind: 'text', text, found: text }
}
