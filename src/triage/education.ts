import { distance } from 'fastest-levenshtein'
import type { Reading } from '../policy/conditions.ts'
import type { Background } from '../words/background.ts'
import type { Education } from '../words/notification.ts'
import { yearsBetween } from './ages.ts'
import { reached, receptionStarts } from './days.ts'
import type { Subject } from './situation.ts'

/** The status as police gave it. "Not school age" is unknown once Reception could have begun. */
export function education(subject: Subject): Reading {
  const status = subject.person?.education?.status ?? 'unknown'
  if (status === 'unknown') return notStated
  if (status === 'not_school_age' && mayBeInReception(subject)) return tooOldForNotSchoolAge
  return statusReadings[status]
}

/** Where what police say about schooling leads (design, "Schools" and "`unknown` education"). */
export function placeInEducation(subject: Subject): Reading {
  const given = subject.person?.education
  switch (given?.status) {
    case 'on_roll':
      return schoolOf(given, subject.situation.background)
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

function schoolOf({ urns = [], establishmentName }: Education, background: Background): Reading {
  if (urns.length === 0) return establishmentName === undefined ? rollWithoutSchool : schoolWithoutUrn
  const names = background.establishments.filter(({ urn }) => urns.includes(urn)).map(({ name }) => name)
  // A number the directory does not have cannot contradict a name; that it must be found there is the directory's matter.
  if (establishmentName === undefined || names.length < urns.length) return knownSchool
  return names.some((name) => sameSchool(name, establishmentName)) ? knownSchool : contradicted
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
