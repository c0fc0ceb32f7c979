import type { Reading } from '../policy/conditions.ts'
import type { SocialCare } from '../words/notification.ts'
import type { Subject } from './situation.ts'
import { isParty } from './situation.ts'

/** Facts about one person that are neither ages nor schooling. A field left out is unknown, never "no". */

const yes: Reading = { kind: 'text', text: 'yes', found: 'yes' }
const no: Reading = { kind: 'text', text: 'no', found: 'no' }
const notStated: Reading = { kind: 'unknown', found: 'not stated' }

/** A boolean of the notification as a reading. */
export function stated(value: boolean | undefined): Reading {
  if (value === undefined) return notStated
  return value ? yes : no
}

/** Resident, regularly staying, or not stated: with any party (design, "In the household"). */
export function inTheHousehold({ person }: Subject): Reading {
  switch (person?.household) {
    case 'resident':
      return resident
    case 'regularly_staying':
      return staying
    case 'elsewhere':
      return elsewhere
    default:
      return person !== null && isParty(person) ? aParty : countedIn
  }
}

const resident: Reading = { kind: 'text', text: 'yes', found: 'lives there' }
const staying: Reading = { kind: 'text', text: 'yes', found: 'regularly stays there' }
const elsewhere: Reading = { kind: 'text', text: 'no', found: 'lives elsewhere' }
const countedIn: Reading = { kind: 'text', text: 'yes', found: 'not stated, counted in' }
const aParty: Reading = { kind: 'text', text: 'yes', found: 'is one of the parties, counted in' }

/** What the register of open cases shows, then what police say. */
export function openToSocialCare({ about, person, situation }: Subject): Reading {
  if (person === null) return notStated
  const care: SocialCare | undefined = about === 'each unborn child' ? person.unborn?.socialCare : person.socialCare
  const policeSay = care?.open ?? 'unknown'
  const matches = situation.background.openCases.filter(({ ref }) => ref === person.ref)
  if (matches.some(({ fresh }) => fresh)) return policeSay === 'no' ? registerAgainstPolice : registerShows
  if (policeSay === 'yes') return policeSayOpen
  if (matches.length > 0) return staleRegister
  return policeSay === 'no' ? policeSayClosed : notStated
}

const registerShows: Reading = { kind: 'text', text: 'yes', found: 'the register shows an open case' }
const registerAgainstPolice: Reading = {
  kind: 'text',
  text: 'yes',
  found: 'the register shows an open case, though police said no',
}
const policeSayOpen: Reading = { kind: 'text', text: 'yes', found: 'police say so' }
const policeSayClosed: Reading = { kind: 'text', text: 'no', found: 'police say not, and no register shows a case' }
const staleRegister: Reading = { kind: 'unknown', found: 'a register older than 48 hours showed an open case' }

/** A victim of whom police do not say is unknown; a birth foretold of someone given as not pregnant is too. */
export function pregnant({ person }: Subject): Reading {
  if (person?.pregnant === true) return yes
  const foretold = person?.expectedDeliveryDate !== undefined || person?.unborn !== undefined
  if (person?.pregnant === false) return foretold ? contradicted : no
  return foretold ? expected : notStated
}

const contradicted: Reading = { kind: 'unknown', found: 'given as not pregnant, but an unborn child is described' }
const expected: Reading = { kind: 'text', text: 'yes', found: 'an unborn child is described' }

/** Under eighteen and on the notification as a suspect. */
export function onlyASuspect({ person }: Subject): Reading {
  return person?.role === 'suspect' ? yes : no
}

/** Victim or suspect. */
export function role({ person }: Subject): Reading {
  return person?.role === 'victim' ? victim : suspect
}

const victim: Reading = { kind: 'text', text: 'victim', found: 'victim' }
const suspect: Reading = { kind: 'text', text: 'suspect', found: 'suspect' }
