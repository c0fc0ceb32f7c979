import { z } from 'zod'
import { instantText } from '../access/times.ts'

const SUMMARY_MAX = 20_000
const PEOPLE_MAX = 100
const NOTE_MAX = 4_000

const date = () => z.iso.date({ error: 'Write a date as YYYY-MM-DD' })
const authority = () => z.string().regex(/^[A-Z]\d{8}$/, 'Write the authority as its GSS code, a letter and eight digits')
const name = () => z.string().min(1).max(200)
const identifier = () => z.string().min(1).max(64)
const note = () => z.string().max(NOTE_MAX)
const ref = () => z.string().regex(/^[\w.-]{1,40}$/, 'Write a short name of letters, digits, dot, dash or underscore')
const stated = () => z.enum(['yes', 'no', 'unsafe', 'unknown'])

const address = () =>
  z.strictObject({
    lines: z.array(z.string().min(1).max(200)).max(10),
    postcode: z.string().max(10).optional(),
    uprn: identifier().optional(),
  })

const features = z.enum([
  'weapon',
  'strangulation',
  'threat_to_kill',
  'sexual_assault',
  'stalking',
  'coercive_control',
  'escalation',
  'breach_of_order',
  'honour_based',
  'forced_marriage',
  'fgm',
  'substance_misuse',
  'mental_ill_health',
  'separation',
  'child_contact_dispute',
  'animal_abuse',
  'child_saw_serious_injury',
  'intimidates_practitioners',
])

const incident = z.strictObject({
  occurredAt: instantText(),
  occurredUntil: instantText().optional(),
  reportedAt: instantText().describe('When police were told: every clock, age and edition is taken at this moment'),
  policeAttended: z.boolean().optional(),
  callMadeByChild: z.boolean().optional(),
  immediateDanger: z.boolean().optional(),
  localAuthority: authority().describe('Where it happened'),
  address: address().optional(),
  summary: z.string().max(SUMMARY_MAX).optional(),
  features: z.array(features).max(50).optional(),
})

const riskAssessment = z.strictObject({
  personRef: ref(),
  tool: z.enum(['DASH', 'RIC', 'DARA', 'young_persons_dash', 'other']),
  toolVersion: z.string().max(40).optional(),
  grade: z.enum(['standard', 'medium', 'high', 'not_graded']),
  yesCount: z.int().min(0).max(200).optional(),
  itemCount: z.int().min(0).max(200).optional(),
  answers: z.record(z.string().regex(/^q\d{1,3}$/, 'Name answers q1, q2 …'), z.enum(['yes', 'no', 'not_known'])).optional(),
  professionalJudgement: z.boolean().optional(),
  judgedFor: z
    .array(z.enum(['idva', 'marac']))
    .max(2)
    .optional(),
  judgementReason: note().optional(),
  assessedAt: instantText(),
})

const socialCare = z.strictObject({
  open: z.enum(['yes', 'no', 'unknown']).optional(),
  allocatedWorker: name().optional(),
  authority: authority().optional(),
})

const education = z.strictObject({
  status: z.enum([
    'on_roll',
    'electively_home_educated',
    'missing_education',
    'no_school_place',
    'excluded_without_provision',
    'neet',
    'training_or_work',
    'not_school_age',
    'unknown',
  ]),
  urns: z.array(identifier()).max(10).optional(),
  establishmentName: name().optional(),
})

const employer = z.strictObject({
  name: name().optional(),
  urn: identifier().optional(),
  odsCode: identifier().optional(),
  recipientId: identifier().optional(),
  role: name().optional(),
})

const person = z.strictObject({
  ref: ref().describe('Unique in the notification'),
  role: z.enum(['victim', 'suspect', 'child', 'other_adult']),
  givenNames: name().optional(),
  familyName: name().optional(),
  dateOfBirth: date().optional(),
  approximateAge: z.int().min(0).max(130).optional(),
  refused: z.boolean().optional(),
  sex: z.string().max(40).optional(),
  relationshipToVictim: z.string().max(100).optional(),
  policePersonId: identifier().optional(),
  pncId: identifier().optional(),
  nhsNumber: identifier().optional(),
  upn: identifier().optional(),
  address: address().optional(),
  safeContact: z.strictObject({ method: z.string().max(40), value: z.string().max(200), notes: note().optional() }).optional(),
  relatedTo: z
    .array(z.strictObject({ ref: ref(), kind: z.string().max(100), parentalResponsibility: z.boolean().optional() }))
    .max(100)
    .optional(),
  employer: employer.optional(),
  pregnant: z.boolean().optional(),
  expectedDeliveryDate: date().optional(),
  unborn: z.strictObject({ socialCare: socialCare.optional(), localAuthority: authority().optional() }).optional(),
  household: z.enum(['resident', 'regularly_staying', 'elsewhere', 'unknown']).optional(),
  localAuthority: authority().optional(),
  stayingAuthority: authority().optional(),
  lookedAfterBy: authority().optional(),
  present: z.boolean().optional(),
  injured: z.boolean().optional(),
  usedAsShield: z.boolean().optional(),
  spokenTo: z.boolean().optional(),
  voice: note().optional(),
  specialNeeds: z.boolean().optional(),
  socialCare: socialCare.optional(),
  education: education.optional(),
  health: z.strictObject({ gpPractice: identifier().optional(), provider: identifier().optional() }).optional(),
})

const restriction = z.strictObject({
  kind: z.enum(['must_not_receive', 'address_protected', 'school_name_protected']),
  recipientId: identifier().optional(),
  urn: identifier().optional(),
  odsCode: identifier().optional(),
  service: z.string().max(60).optional(),
  personRef: ref().optional(),
  reason: note(),
})

const order = z.strictObject({
  kind: z.enum(['dvpn', 'dvpo', 'dapn', 'dapo', 'spo', 'non_molestation', 'prohibited_steps', 'restraining', 'bail']),
  personRef: ref(),
  endsOn: date().optional(),
})

/** A whole notification as it comes through the door (contract §1). Strict everywhere: a misspelt field is refused. */
export const notificationBody = z
  .strictObject({
    policeReference: z.string().regex(/^[\x21-\x7e][\x20-\x7e]{0,99}$/, 'Write up to 100 printable characters'),
    version: z.int().min(1).max(100_000),
    incident,
    riskAssessments: z.array(riskAssessment).max(100).optional(),
    people: z.array(person).min(1).max(PEOPLE_MAX),
    parentsInformed: stated().optional(),
    familyAwareOfReferral: stated().optional(),
    victimAsksForSupport: stated().optional(),
    maracConsent: stated().optional(),
    parentalConsent: stated().optional(),
    childProtectionConcern: z.boolean().optional(),
    moved: z
      .strictObject({
        fromAuthority: authority().optional(),
        toAuthority: authority().optional(),
        on: date().optional(),
        refuge: z.boolean().optional(),
      })
      .optional(),
    refusedDetails: z.array(note()).max(100).optional(),
    leafletsGiven: z.boolean().optional(),
    dutyEndsAt: instantText().optional(),
    rolesContested: z.boolean().optional(),
    restrictions: z.array(restriction).max(100).optional(),
    orders: z.array(order).max(100).optional(),
    officer: z
      .strictObject({ id: identifier(), supervisorId: identifier().optional(), authorisedAt: instantText().optional() })
      .optional(),
  })
  .meta({ id: 'Notification' })
