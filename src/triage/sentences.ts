import type { Desk, DispatchKind } from '../words/dispatch.ts'
import type { PersonRef } from '../words/ids.ts'
import type { Finding, Outcome, Ruling, Tell, TimeLimit } from '../words/outcome.ts'
import type { Service } from '../words/recipient.ts'

/**
 * What was decided and why, in sentences a sergeant could read aloud: whom the rules tell, what a person is asked, and what
 * nobody can tell. Rules that did not fire are left out. `nameOf` says how to speak of a person: by ref, or by name where
 * the reader may see names.
 */
export function sentencesOf(outcome: Outcome, nameOf: (ref: PersonRef) => string): string[] {
  const fired = outcome.rulings.filter(({ result }) => result === 'fired')
  const told = fired.flatMap((ruling) => ruling.tell.map((tell) => tellSentence(ruling, tell, nameOf)))
  const sentences = [
    riskSentence(outcome.victimRisk),
    procedureSentence(outcome),
    ...(told.length === 0 ? ['By the rules alone, no service is told.'] : told),
    ...fired.flatMap((ruling) =>
      ruling.ask.map((ask) => `${deskNames[ask.desk]} is asked${aboutWhom(ruling, nameOf)}: ${ask.question}`),
    ),
    ...outcome.rulings.filter(({ result }) => result === 'cannot_tell').map((ruling) => doubtSentence(ruling, nameOf)),
  ]
  return [...new Set(sentences)]
}

function riskSentence(risk: Outcome['victimRisk']): string {
  return risk === 'not_graded'
    ? 'Nobody has graded the victim’s risk, so the time limits of high risk hold.'
    : `The victim’s risk is graded ${risk}.`
}

function procedureSentence({ policy, statutory }: Outcome): string {
  if (policy === null) return `No procedure is loaded for this area, so the law of ${statutory.inForceFrom} alone was followed.`
  return `The procedure of ${policy.area} in force from ${policy.inForceFrom} was followed, and the law beneath it.`
}

function tellSentence(ruling: Ruling, tell: Tell, nameOf: (ref: PersonRef) => string): string {
  const what = `${serviceNames[tell.service]} is ${kindNames[tell.kind]}${aboutWhom(ruling, nameOf)}${limitText(tell.within)}`
  return `${what}. ${ruling.says} ${because(ruling.findings)}(${ruling.cites.document}: ${ruling.cites.section}.)`
}

function doubtSentence(ruling: Ruling, nameOf: (ref: PersonRef) => string): string {
  const unknown = ruling.findings.filter(({ verdict }) => verdict === 'unknown')
  const missing = unknown.map(({ fact, found }) => `${fact}: ${found}`).join('; ')
  return `Nobody can tell${aboutWhom(ruling, nameOf)} whether this applies, so a person decides: ${ruling.says} (${missing}.)`
}

function because(findings: readonly Finding[]): string {
  return findings.length === 0 ? '' : `Found: ${findings.map(({ fact, found }) => `${fact}, ${found}`).join('; ')}. `
}

function aboutWhom({ about, subject }: Ruling, nameOf: (ref: PersonRef) => string): string {
  if (about === null) return ''
  return subject === 'each unborn child' ? ` about the unborn child of ${nameOf(about)}` : ` about ${nameOf(about)}`
}

function limitText(limit: TimeLimit): string {
  if (limit.kind === 'before school opens') return ' before school next opens'
  if (limit.kind === 'where silent') return ''
  return limit.high === limit.otherwise
    ? ` within ${hoursText(limit.high)} of the report`
    : ` within ${hoursText(limit.high)} of the report at high risk, ${hoursText(limit.otherwise)} otherwise`
}

function hoursText(hours: number): string {
  return hours === 1 ? '1 hour' : `${hours} hours`
}

const serviceNames: Record<Service, string> = {
  childrens_social_care: 'Children’s social care',
  education_setting: 'The school or college',
  education_authority: 'The education authority',
  health: 'Health',
  marac: 'MARAC',
  idva: 'The independent domestic violence advocate',
  specialist_support: 'The specialist support service',
  police_child_protection: 'Police child protection',
}

const kindNames: Record<DispatchKind, string> = {
  referral: 'sent a referral',
  notification: 'notified',
  alert: 'alerted',
  handoff: 'handed the case',
  correction: 'sent a correction',
  recall: 'asked to disregard what it was sent',
}

const deskNames: Record<Desk, string> = {
  domestic_abuse_review: 'The domestic abuse review team',
  pitstop: 'Pitstop',
  mash: 'The safeguarding hub',
  directory: 'The directory desk',
}
