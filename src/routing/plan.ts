import type { DispatchKind, NotDispatched, PlannedDispatch, PlannedTask } from '../words/dispatch.ts'
import type { DispatchId, PersonRef, RecipientId } from '../words/ids.ts'
import type { Recipient, Service } from '../words/recipient.ts'
import { contentFor } from './allow-lists.ts'
import { questionsOfBackground } from './background-questions.ts'
import type { Circumstances, PlanInput } from './circumstances.ts'
import { circumstancesOf } from './circumstances.ts'
import { earlier, pastOnArrival, reviewDueBy, urgentDueBy } from './deadlines.ts'
import { questionsOfGaps } from './gap-questions.ts'
import { ringOutOfHours, standInFor } from './out-of-hours.ts'
import type { OpenQuestion } from './questions.ts'
import { questionsOfRulings, tasksOf } from './questions.ts'
import type { Place } from './recipients.ts'
import { restrictionsThatNameNobody } from './restrictions.ts'
import { upkeepOfSchool } from './school-upkeep.ts'
import type { GatheredTelling } from './tellings.ts'
import { gatherTellings } from './tellings.ts'
import type { Barred } from './who-must-not-hear.ts'
import { barOn, restrictionNamed } from './who-must-not-hear.ts'

/** What follows from an outcome: who is told what by when, what people are asked, and why anyone due is not told. */
export interface RoutingPlan {
  dispatches: PlannedDispatch[]
  tasks: PlannedTask[]
  notDispatched: NotDispatched[]
  /** What to ask a recipient about itself: once a recipient, not once a notification. */
  upkeep: { recipientId: RecipientId; question: string }[]
}

/**
 * Plans every dispatch and task that follows from one outcome. Pure: the same notification planned twice gives the same plan
 * in the same order, so a crash between planning and storing costs nothing.
 */
export function planRouting(input: PlanInput): RoutingPlan {
  const about = circumstancesOf(input)
  const tellings = gatherTellings(input.outcome.rulings, about)
  const draft: Draft = {
    dispatches: [],
    notDispatched: [],
    upkeep: [],
    questions: [
      ...questionsOfGaps(input.gaps, about),
      ...questionsOfRulings(input.outcome.rulings, about, tellings),
      ...questionsOfBackground(about),
    ],
  }
  for (const telling of tellings.sort(inOrder)) settle(telling, about, draft)
  for (const { id, reason, binds } of restrictionsThatNameNobody(about.restrictions)) {
    const question = `${restrictionNamed(id)} says somebody must not receive this, and names no recipient: ${reason} Whom does it bind?`
    draft.questions.push({ ...reviewQuestion(question, about), about: binds === 'everyone' ? [] : [...binds] })
  }
  for (const doubt of about.restrictionDoubts) draft.questions.push(reviewQuestion(doubt, about))
  const { dispatches, notDispatched, upkeep, questions } = draft
  return { dispatches, tasks: tasksOf(questions, about), notDispatched, upkeep }
}

/** What follows from these rulings alone, such as a person's: nothing else about the notification is asked again. Pure. */
export function planRulings(input: PlanInput): RoutingPlan {
  const about = circumstancesOf(input)
  const draft: Draft = { dispatches: [], notDispatched: [], upkeep: [], questions: [] }
  for (const telling of gatherTellings(input.outcome.rulings, about).sort(inOrder)) settle(telling, about, draft)
  const { dispatches, notDispatched, upkeep, questions } = draft
  return { dispatches, tasks: tasksOf(questions, about), notDispatched, upkeep }
}

/**
 * What may stand only once in the store for one notification. The kind and what is asked are part of it, because a later
 * ruling or decision may turn a notification into a referral, and that must go out beside what already went.
 */
export function obligationKey(dispatch: {
  service: Service
  recipientId: RecipientId
  kind: DispatchKind
  asks: string | null
  about: readonly PersonRef[]
  concerns?: DispatchId
}): string {
  const { service, recipientId, kind, asks, about, concerns } = dispatch
  return [service, recipientId, kind, asks ?? '', [...about].sort().join(','), ...(concerns ? [concerns] : [])].join('|')
}

interface Draft {
  dispatches: PlannedDispatch[]
  notDispatched: NotDispatched[]
  upkeep: RoutingPlan['upkeep']
  questions: OpenQuestion[]
}

interface ToDispatch {
  telling: GatheredTelling
  place: Extract<Place, { kind: 'found' }>
  barred: Barred
}

function settle(telling: GatheredTelling, about: Circumstances, draft: Draft): void {
  const { place } = telling
  if (place.kind === 'not found') {
    notDispatched(telling, place.reason, draft)
    draft.questions.push(directoryQuestion(telling, place.question))
    return
  }
  if (telling.homeMissing.length > 0) {
    const question = 'In which authority does this child live? It is not this one, and the notification does not say which.'
    draft.questions.push({ ...directoryQuestion(telling, question), about: telling.homeMissing })
  }
  if (place.mend !== null) draft.questions.push(directoryQuestion(telling, place.mend))
  const barred = barOn(telling, place, about)
  draft.questions.push(...barred.questions)
  if (barred.forbidden) notDispatched(telling, 'a restriction forbids it', draft)
  else dispatch({ telling, place, barred }, about, draft)
}

function dispatch({ telling, place, barred }: ToDispatch, about: Circumstances, draft: Draft): void {
  const { recipient } = place
  const planned = put({ telling, recipient, barred }, about, draft)
  // What is held has its own question, and ringing the school would tell whoever answers.
  if (planned.hold === null) {
    if (planned.lateOnArrival && !about.newerVersion) {
      const question = ringNow(recipient.name)
      draft.questions.push({ ...directoryQuestion(telling, question), dueBy: about.receivedAt })
    }
    tellStandIn(telling, place, about, draft)
  }
  askForUpkeep(recipient, telling, draft)
}

function put(
  { telling, recipient, barred }: { telling: GatheredTelling; recipient: Recipient; barred: Barred },
  about: Circumstances,
  draft: Draft,
): PlannedDispatch {
  const { hold, restricted, keepTo } = barred
  const { service, kind, asks, rules } = telling
  const planned: PlannedDispatch = {
    kind,
    service,
    recipientId: recipient.id,
    about: telling.about,
    rules,
    asks,
    restricted,
    releaseAt: about.releaseAt,
    dueBy: telling.dueBy,
    lateOnArrival: pastOnArrival(telling.dueBy, about.receivedAt),
    hold,
    ...(keepTo === null ? {} : { keepTo }),
    content: contentFor(about.notification, {
      service,
      kind,
      asks,
      about: telling.about,
      withSummary: telling.withSummary,
      leftBehind: telling.leftBehind,
      victimRisk: about.clock.victimRisk,
      children: about.children.map(({ ref }) => ref),
      restricted,
      restrictions: about.restrictions,
    }),
  }
  // A team that stands in for another may be told in its own right too.
  const obligation = obligationKey(planned)
  if (!draft.dispatches.some((one) => obligationKey(one) === obligation)) draft.dispatches.push(planned)
  return planned
}

/** Somebody hears at night as well, because a high risk is not left until the morning. The service itself finds it then. */
function tellStandIn(telling: GatheredTelling, place: ToDispatch['place'], about: Circumstances, draft: Draft): void {
  const standIn = standInFor(place.recipient, about.standIns, about.directory)
  if (standIn === null) return
  if (standIn.kind === 'telephone') {
    const question = ringOutOfHours(place.recipient, standIn.phone)
    const dueBy = earlier(urgentDueBy(about.receivedAt), telling.dueBy)
    draft.questions.push({ ...directoryQuestion(telling, question), dueBy })
    return
  }
  const { recipient } = standIn
  const barred = barOn(telling, { ...place, recipient, urn: null }, about)
  draft.questions.push(...barred.questions)
  if (!barred.forbidden) put({ telling, recipient, barred }, about, draft)
}

/** What a person is asked where a limit had passed before we were told. */
export const ringNow = (recipient: string) => `Ring ${recipient} now: the time limit had passed before the notification came.`

function askForUpkeep(recipient: Recipient, telling: GatheredTelling, draft: Draft): void {
  if (telling.service !== 'education_setting' || draft.upkeep.some(({ recipientId }) => recipientId === recipient.id)) return
  for (const question of upkeepOfSchool(recipient, telling.dueBy)) draft.upkeep.push({ recipientId: recipient.id, question })
}

function notDispatched(telling: GatheredTelling, reason: NotDispatched['reason'], draft: Draft): void {
  const { service, about } = telling
  for (const rule of telling.rules) draft.notDispatched.push({ service, about, rule, reason })
}

/** A question about a dispatch has that dispatch's deadline: finding the recipient must not cost the child the time. */
function directoryQuestion(telling: GatheredTelling, question: string): OpenQuestion {
  return { desk: 'directory', question, recommends: null, about: telling.about, rules: telling.rules, dueBy: telling.dueBy }
}

function reviewQuestion(question: string, about: Circumstances): OpenQuestion {
  return { desk: 'domestic_abuse_review', question, recommends: null, about: [], rules: [], dueBy: reviewDueBy(about.clock) }
}

const serviceOrder: readonly Service[] = [
  'police_child_protection',
  'childrens_social_care',
  'education_setting',
  'education_authority',
  'health',
  'marac',
  'idva',
  'specialist_support',
]

function inOrder(one: GatheredTelling, other: GatheredTelling): number {
  const byService = serviceOrder.indexOf(one.service) - serviceOrder.indexOf(other.service)
  return byService !== 0 ? byService : orderKey(one) < orderKey(other) ? -1 : 1
}

function orderKey({ about, place, kind }: GatheredTelling): string {
  return `${about.join(',')} ${place.kind === 'found' ? place.recipient.id : place.named} ${kind}`
}
