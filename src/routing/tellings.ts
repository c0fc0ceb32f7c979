import type { Deadline, DispatchKind } from '../words/dispatch.ts'
import type { AuthorityCode, PersonRef } from '../words/ids.ts'
import type { Ruling, Tell } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'
import type { Subject } from './authorities.ts'
import { homeAuthorityMissing } from './authorities.ts'
import type { Circumstances } from './circumstances.ts'
import { everyChild, openingOf, schoolClockOf } from './circumstances.ts'
import { dueBy, earlier } from './deadlines.ts'
import type { Place } from './recipients.ts'
import { placeChosen, placesToTell, toldByIncident } from './recipients.ts'

/** All that the fired rules would tell at one place, gathered into what becomes one dispatch or one named reason. */
export interface GatheredTelling {
  service: Service
  kind: DispatchKind
  asks: 'child_and_family_assessment' | null
  withSummary: boolean
  place: Place
  about: PersonRef[]
  rules: string[]
  dueBy: Deadline
  leftBehind: AuthorityCode[]
  /** The refs of children of whom nobody has said where they live. */
  homeMissing: PersonRef[]
  /** The refs the rules fired for. */
  firedFor: PersonRef[]
}

/** Gathers every tell of every fired rule by place: a school, education authority or patient apart, all else a notification. */
export function gatherTellings(rulings: readonly Ruling[], about: Circumstances): GatheredTelling[] {
  const gathered = new Map<string, GatheredTelling>()
  for (const ruling of rulings) {
    if (ruling.result !== 'fired') continue
    const subjects = subjectsOf(ruling, about)
    for (const tell of ruling.tell) {
      for (const subject of toldByIncident(tell.service) ? [null] : subjects) {
        for (const place of placesOf(tell, subject, about)) add(gathered, { ruling, tell, subject, place }, about)
      }
    }
  }
  for (const telling of gathered.values()) if (!aboutOne(telling.service)) telling.about = everyoneAbout(telling, about)
  return [...gathered.values()]
}

/** Where a rule's service is told, or the one place that a person picked. */
function placesOf(tell: Tell, subject: Subject | null, about: Circumstances): Place[] {
  return tell.recipientId === undefined ? placesToTell(tell.service, subject, about) : [placeChosen(tell.recipientId, about)]
}

/** One telling makes another needless: the same place, of the same people, as strong, asking as much, and no later. */
export function saysAsMuch(one: GatheredTelling, other: GatheredTelling): boolean {
  const asStrong = one.kind === other.kind || (one.kind === 'referral' && other.kind === 'notification')
  return (
    asStrong &&
    one.service === other.service &&
    placeKey(one.place) === placeKey(other.place) &&
    (other.asks === null || one.asks === other.asks) &&
    (one.withSummary || !other.withSummary || one.kind === 'referral') &&
    other.about.every((ref) => one.about.includes(ref)) &&
    Temporal.Instant.compare(one.dueBy, other.dueBy) <= 0
  )
}

interface OneTell {
  ruling: Ruling
  tell: Tell
  subject: Subject | null
  place: Place
}

function add(gathered: Map<string, GatheredTelling>, one: OneTell, about: Circumstances): void {
  const { ruling, tell, subject, place } = one
  const ref = subject?.person.ref ?? ruling.about
  const key = `${tell.service} ${kindApart(tell.kind)} ${placeKey(place)} ${aboutOne(tell.service) ? (ref ?? '') : ''}`
  const due = dueOf(one, about)
  const telling = gathered.get(key) ?? begun(one, due)
  gathered.set(key, telling)
  telling.kind = telling.kind === 'referral' ? 'referral' : tell.kind
  telling.asks = tell.asks ?? telling.asks
  telling.withSummary ||= tell.withSummary === true
  telling.dueBy = earlier(telling.dueBy, due)
  put(telling.rules, ruling.rule)
  if (ref !== null) put(telling.firedFor, ref)
  if (place.kind === 'found' && place.leftBehind !== null) put(telling.leftBehind, place.leftBehind)
  if (subject !== null && homeAuthorityMissing(subject)) put(telling.homeMissing, subject.person.ref)
}

function begun({ tell, subject, place }: OneTell, due: Deadline): GatheredTelling {
  return {
    service: tell.service,
    kind: tell.kind,
    asks: null,
    withSummary: false,
    place,
    about: subject === null ? [] : [subject.person.ref],
    rules: [],
    dueBy: due,
    leftBehind: [],
    homeMissing: [],
    firedFor: [],
  }
}

function dueOf({ tell, subject, place, ruling }: OneTell, about: Circumstances): Deadline {
  return dueBy(tell.within, tell.service, about.clock, () => {
    if (tell.service === 'education_setting' && place.kind === 'found') return openingOf(place.recipient, about)
    return schoolClockOf(subject?.person ?? about.people.get(ruling.about ?? ''), about)
  })
}

/** Whom a ruling is about: its subject, or every child where it is about the notification. */
function subjectsOf(ruling: Ruling, about: Circumstances): (Subject | null)[] {
  const person = ruling.about === null ? undefined : about.people.get(ruling.about)
  if (person !== undefined) return [{ person, unborn: ruling.subject === 'each unborn child' }]
  const all = everyChild(about)
  return all.length > 0 ? all : [null]
}

/**
 * Whom a dispatch about the notification names: every child and unborn child, and whoever a rule fired for beside them, in the
 * order of the notification. Where there is no child at all it is about the victim.
 */
function everyoneAbout(telling: GatheredTelling, about: Circumstances): PersonRef[] {
  const refs = new Set([...telling.firedFor, ...about.children.map(({ ref }) => ref), ...about.carriers.map(({ ref }) => ref)])
  const named = about.notification.people.filter(({ ref }) => refs.has(ref))
  const people = named.length > 0 ? named : about.notification.people.filter(({ role }) => role === 'victim')
  return people.map(({ ref }) => ref)
}

export function aboutOne(service: Service): boolean {
  return service === 'education_setting' || service === 'education_authority' || service === 'health'
}

/** A referral and a notification to one place become one dispatch; an alert or hand-off stays its own. */
export function kindApart(kind: DispatchKind): string {
  return kind === 'referral' || kind === 'notification' ? 'telling' : kind
}

function placeKey(place: Place): string {
  return place.kind === 'found' ? place.recipient.id : `${place.reason} ${place.named}`
}

function put<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item)
}
