import type { Reading } from '../policy/conditions.ts'
import type { FactName } from '../policy/facts.ts'
import { factDefinitions } from '../policy/facts.ts'
import { age, ageInMonths, ofSchoolAge } from './ages.ts'
import { inTheHousehold, onlyASuspect, openToSocialCare, pregnant, role, stated } from './circumstances.ts'
import { education, placeInEducation } from './education.ts'
import { childOfTheFamily, relatedToAParty } from './family.ts'
import { incidentsWithThisOne, maracReferral, previousIncidents } from './history.ts'
import { moved } from './moves.ts'
import { areaHasAProcedure, feature, features, victimAsksForSupport } from './notification-facts.ts'
import { judgedFor, riskGraded, ticks, victimRisk } from './risk.ts'
import type { Situation, Subject } from './situation.ts'

type Reader =
  | { of: 'the person'; read: (subject: Subject) => Reading }
  | { of: 'the notification'; read: (situation: Situation) => Reading }

const ofPerson = (read: (subject: Subject) => Reading): Reader => ({ of: 'the person', read })
const ofNotification = (read: (situation: Situation) => Reading): Reader => ({ of: 'the notification', read })

/** How each fact is read. That every name has a reader, and no reader lacks a name, the compiler holds. */
const readers: Record<FactName, Reader> = {
  'victim risk': ofNotification(victimRisk),
  'risk graded': ofNotification(riskGraded),
  ticks: ofNotification(ticks),
  'judged for idva': ofNotification(judgedFor('idva')),
  'judged for marac': ofNotification(judgedFor('marac')),
  'area has a procedure': ofNotification(areaHasAProcedure),
  'child protection concern': ofNotification(({ notification }) => stated(notification.childProtectionConcern)),
  'call made by the child': ofNotification(({ notification }) => stated(notification.incident.callMadeByChild)),
  'victim asks for support': ofNotification(victimAsksForSupport),
  features: ofNotification(features),
  'mental ill health': ofNotification(feature('mental_ill_health')),
  'substance misuse': ofNotification(feature('substance_misuse')),
  'previous incidents in three months': ofNotification(previousIncidents),
  'incidents in twelve months with this one': ofNotification(incidentsWithThisOne),
  'marac referral in twelve months': ofNotification(maracReferral),
  age: ofPerson(age),
  'age in months': ofPerson(ageInMonths),
  'of school age': ofPerson(ofSchoolAge),
  role: ofPerson(role),
  'only a suspect': ofPerson(onlyASuspect),
  'related to a party': ofPerson(relatedToAParty),
  'child of the family': ofPerson(childOfTheFamily),
  'in the household': ofPerson(inTheHousehold),
  present: ofPerson(({ person }) => stated(person?.present)),
  moved: ofPerson(moved),
  'open to social care': ofPerson(openToSocialCare),
  education: ofPerson(education),
  'place in education': ofPerson(placeInEducation),
  injured: ofPerson(({ person }) => stated(person?.injured)),
  'used as a shield': ofPerson(({ person }) => stated(person?.usedAsShield)),
  pregnant: ofPerson(pregnant),
}

const readersBySlot = factDefinitions.map(({ name }) => readers[name])

/** Reads a fact of a subject by its slot, once: every rule that asks again is given the same reading. */
export function readFact(subject: Subject, slot: number): Reading {
  const known = subject.readings[slot] ?? subject.situation.whole[slot]
  if (known !== undefined) return known
  const reader = readersBySlot[slot]
  if (reader === undefined) throw new Error(`There is no fact in slot ${slot}`)
  if (reader.of === 'the person') {
    const reading = reader.read(subject)
    subject.readings[slot] = reading
    return reading
  }
  const reading = reader.read(subject.situation)
  subject.situation.whole[slot] = reading
  return reading
}

/** What was known about one subject, in a shape that can be stored as JSON and shown years later. */
export interface RecordedFacts {
  about: Subject['about']
  ref: string | null
  facts: { fact: FactName; reading: Reading }[]
}

/** Every fact that exists for a subject, whether or not a rule of today reads it. */
export function recordFacts(subject: Subject): RecordedFacts {
  const facts = factDefinitions.flatMap(({ name, about }, slot) =>
    about.some((kind) => kind === subject.about) ? [{ fact: name, reading: readFact(subject, slot) }] : [],
  )
  return { about: subject.about, ref: subject.person?.ref ?? null, facts }
}
