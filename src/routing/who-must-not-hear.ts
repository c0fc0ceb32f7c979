import type { HoldReason } from '../words/dispatch.ts'
import type { PersonRef, RecipientId, RestrictionId, Urn } from '../words/ids.ts'
import type { Contact, Recipient, Service } from '../words/recipient.ts'
import type { KnownRestriction } from '../words/restriction.ts'
import type { Circumstances } from './circumstances.ts'
import type { Conflict } from './conflicts.ts'
import { conflictAt } from './conflicts.ts'
import { earlier, urgentDueBy } from './deadlines.ts'
import type { OpenQuestion } from './questions.ts'
import type { Place } from './recipients.ts'
import { restrictionsAgainst } from './restrictions.ts'
import type { GatheredTelling } from './tellings.ts'

/** How a telling goes ahead where somebody must not hear of it. */
export interface Barred {
  /** Not told at all, and no dispatch stands for it: a restriction keeps it from a service the law does not demand. */
  forbidden: boolean
  hold: HoldReason | null
  restricted: boolean
  /** Who there may be written to; null for every contact. */
  keepTo: Contact[] | null
  questions: OpenQuestion[]
}

/**
 * Whom the law or statutory guidance would have told whatever a person wishes: a restriction against them holds the dispatch
 * until a supervisor has decided (contract §1). A conference or a support service is told by agreement, and may be left out.
 */
const statutory: ReadonlySet<Service> = new Set([
  'childrens_social_care',
  'education_setting',
  'education_authority',
  'health',
  'police_child_protection',
])

const unbarred: Barred = { forbidden: false, hold: null, restricted: false, keepTo: null, questions: [] }

/** What restrictions and recipient conflicts do to one telling (design, "Recipient conflict"; contract §1, `restrictions`). */
export function barOn(telling: GatheredTelling, place: Extract<Place, { kind: 'found' }>, about: Circumstances): Barred {
  const { recipient, urn } = place
  const forbidding = forbiddingTo(recipient, urn, telling.about, about)
  if (forbidding.length > 0) {
    const hold = statutory.has(telling.service)
    return {
      forbidden: !hold,
      hold: hold ? 'restriction' : null,
      restricted: false,
      keepTo: [],
      questions: forbidding.map((restriction) => ({
        ...asked(telling, whoLifts(restriction, recipient)),
        desk: 'domestic_abuse_review',
      })),
    }
  }
  const conflict = conflictAt(recipient, urn, about.possibleReaders, about.directory)
  if (conflict === null) return unbarred
  return telling.service === 'education_setting'
    ? schoolAround(conflict, telling, recipient)
    : toldRestricted(conflict, telling, recipient, about)
}

/**
 * Whether what was planned for a recipient before must wait, though nothing says any more that it is due: a restriction
 * forbids it, or somebody whom it is about reads what a school is sent.
 */
export function mayNotHear(
  { service, recipientId, about: refs }: { service: Service; recipientId: RecipientId; about: readonly PersonRef[] },
  about: Circumstances,
): boolean {
  const recipient = about.directory.byId.get(recipientId)
  if (recipient === undefined) return false
  if (forbiddingTo(recipient, null, refs, about).length > 0) return true
  return service === 'education_setting' && conflictAt(recipient, null, about.possibleReaders, about.directory) !== null
}

function forbiddingTo(recipient: Recipient, urn: Urn | null, refs: readonly PersonRef[], about: Circumstances) {
  return restrictionsAgainst(recipient, urn, refs, { restrictions: about.restrictions, people: about.notification.people })
}

/** By its id a supervisor lifts it. */
export const restrictionNamed = (id: RestrictionId | null) => (id === null ? 'A restriction' : `The restriction ${id}`)

function whoLifts({ id, from, reason }: KnownRestriction, { name }: Recipient): string {
  if (from === 'another force') {
    return `${restrictionNamed(id)}, which another force imposed, forbids telling ${name}. Why is not told here, and only that force can lift it: have the operator ask it, or say who is told instead.`
  }
  return `${restrictionNamed(id)} forbids telling ${name}: ${reason ?? ''} A supervisor must lift it, giving a reason, or say who is told instead.`
}

/** A school's queue and address are read by its staff: the alert goes to somebody clear of it, or waits for a person. */
function schoolAround(conflict: Conflict, telling: GatheredTelling, { name }: Recipient): Barred {
  const [contact] = conflict.clear
  const question =
    contact === undefined
      ? `${because(conflict, name)} Nobody clear of it stands in the directory, so the alert is held. Find whom to tell there, by a way these people do not read, and ring before the deadline.`
      : `${because(conflict, name)} The alert is held, so ring ${reached(contact)} and nobody else there. Tell only what the alert says.`
  return {
    forbidden: false,
    hold: contact === undefined ? 'conflict_nobody_clear' : 'conflict_ring_contact',
    restricted: true,
    keepTo: conflict.clear,
    questions: [asked(telling, question)],
  }
}

/** Any other service is told at once; that its record is hidden from the one person cannot wait until somebody has read it. */
function toldRestricted(conflict: Conflict, telling: GatheredTelling, { name }: Recipient, about: Circumstances): Barred {
  const contact = conflict.clear.find(({ role }) => role === 'duty') ?? conflict.clear[0]
  const whom = contact === undefined ? 'its duty lead, by a number found elsewhere' : reached(contact)
  const question = `${because(conflict, name)} It was told at once, and what it was told is marked restricted. Ring ${whom}: the record must be hidden from them.`
  const dueBy = earlier(urgentDueBy(about.receivedAt), telling.dueBy)
  return {
    forbidden: false,
    hold: null,
    restricted: true,
    keepTo: conflict.clear,
    questions: [{ ...asked(telling, question), dueBy }],
  }
}

function because({ readers }: Conflict, recipient: string): string {
  const names = readers.map(({ named }) => named).join(' and ')
  return `${names} may be a contact of ${recipient} or work there, and must not read this.`
}

function reached({ name, role, phone, email }: Contact): string {
  const who = `${name} (${role.replaceAll('_', ' ')})`
  if (phone !== undefined) return `${who} on ${phone}`
  return `${who}, of whom only the mailbox ${email ?? ''} is known: find their own number`
}

function asked(telling: GatheredTelling, question: string): OpenQuestion {
  return { desk: 'directory', question, recommends: null, about: telling.about, rules: telling.rules, dueBy: telling.dueBy }
}
