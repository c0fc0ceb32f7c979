import { z } from 'zod'
import { services } from '../words/recipient.ts'
import { urlFault } from './webhook-url.ts'

const CONTACTS_MAX = 20
const AUTHORITIES_MAX = 200
const TERMS_MAX = 60
const DAYS_MAX = 400
const WEBHOOK_URL =
  'https, without credentials or fragment. Empty while none is known: nothing is sent then, and a person is asked to ring'

const id = () => z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'Write 1 to 64 letters, digits, dots, dashes or underscores')
const authority = () => z.string().regex(/^[A-Z]\d{8}$/, 'Write the authority as its GSS code, a letter and eight digits')
const date = () => z.iso.date({ error: 'Write a date as YYYY-MM-DD' })
const time = () => z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as HH:MM, Europe/London')
const text = (max: number) => z.string().trim().min(1).max(max)
const email = () => z.email({ error: 'Write an e-mail address' }).max(254)

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const hours = z
  .union([text(500), z.partialRecord(z.enum(weekdays), z.array(z.tuple([time(), time()])).max(5))], {
    error: 'Write hours as words, or as { "monday": [["09:00", "17:00"]] }',
  })
  .describe(
    'When somebody is there, in words or by weekday, Europe/London. A weekday that is not named has nobody; hours in words read as 09:00 to 17:00 on weekdays',
  )

const contact = z.strictObject({
  name: text(200),
  role: z.enum(['key_adult', 'deputy', 'duty']),
  email: email().optional(),
  phone: text(40).optional(),
  dateOfBirth: date().optional().describe('Tells a contact from a party of the same name'),
})

const outOfHours = z
  .strictObject({ recipientId: id().optional(), phone: text(40).optional() })
  .refine(({ recipientId, phone }) => recipientId !== undefined || phone !== undefined, 'Name a recipientId or a phone')
  .describe(
    'Who hears while nobody is there, when the risk is high or not graded: another recipient of the same service, such as an emergency duty team, else a person rings the number',
  )

const term = z
  .tuple([date(), date()])
  .refine(([from, to]) => from <= to, 'A term ends on or after the day it starts')
  .describe('First and last day, both inclusive')

function channel(webhookAllow: ReadonlySet<string>) {
  const url = z
    .string()
    .trim()
    .max(2000)
    .superRefine((value, check) => {
      const fault = value === '' ? null : urlFault(value, webhookAllow)
      if (fault !== null) check.addIssue({ code: 'custom', message: fault })
    })
  return z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('pull_queue') }),
      z.strictObject({ kind: z.literal('webhook'), url: url.describe(WEBHOOK_URL) }),
      z.strictObject({ kind: z.literal('email'), address: email() }),
    ])
    .describe('How the recipient is told')
}

function fields(webhookAllow: ReadonlySet<string>) {
  return {
    service: z.enum(services),
    name: text(200),
    agency: id().optional().describe('Who collects and acknowledges for it; its own id unless named'),
    authorities: z.array(authority()).max(AUTHORITIES_MAX).optional(),
    urn: z
      .string()
      .regex(/^\d{6}$/, 'Write the URN as six digits')
      .optional(),
    odsCode: z
      .string()
      .regex(/^[A-Z0-9]{3,12}$/, 'Write the ODS code in capitals and digits')
      .optional(),
    successorId: id().optional().describe('A closed school’s successor is told in its place'),
    closedOn: date()
      .optional()
      .describe('The day a school closed: nothing is sent to it, and without a successor a person is asked'),
    channel: channel(webhookAllow),
    contacts: z.array(contact).max(CONTACTS_MAX).optional(),
    serves: z
      .array(z.enum(['under_five', 'maternity']))
      .max(2)
      .optional()
      .describe('Of a health service: whom it serves; nobody named means everybody'),
    hours: hours.optional(),
    outOfHours: outOfHours.optional(),
    opensAt: time().optional().describe('When a school opens to children; 08:45 unless given'),
    terms: z.array(term).max(TERMS_MAX).optional(),
    closedDays: z.array(date()).max(DAYS_MAX).optional().describe('INSET and occasional days'),
  }
}

/** A recipient as it is put. `webhookAllow` lifts the demand for https for these `host:port` alone (demo and tests). */
export const recipientBody = (webhookAllow: ReadonlySet<string>) => z.strictObject(fields(webhookAllow)).meta({ id: 'Recipient' })

/** A recipient as one line of an import: the same, with its id. */
export const recipientLine = (webhookAllow: ReadonlySet<string>) => z.strictObject({ id: id(), ...fields(webhookAllow) })

export type RecipientBody = z.infer<ReturnType<typeof recipientBody>>

export const recipientParams = z.object({ id: id().describe('For example csc-E06000015 or school-900101') })

/** A recipient as its own agency and the operator read it: everything but the webhook's secret. */
export const recipientAnswer = z
  .object({
    id: z.string(),
    service: z.enum(services),
    name: z.string(),
    agency: z.string(),
    authorities: z.array(z.string()),
    urn: z.string().optional(),
    odsCode: z.string().optional(),
    successorId: z.string().optional(),
    closedOn: z.string().optional(),
    channel: z.union([
      z.object({ kind: z.literal('pull_queue') }),
      z.object({ kind: z.literal('webhook'), url: z.string().describe(WEBHOOK_URL) }),
      z.object({ kind: z.literal('email'), address: z.string() }),
    ]),
    contacts: z.array(
      z.object({
        name: z.string(),
        role: z.enum(['key_adult', 'deputy', 'duty']),
        email: z.string().optional(),
        phone: z.string().optional(),
        dateOfBirth: z.string().optional(),
      }),
    ),
    serves: z.array(z.enum(['under_five', 'maternity'])),
    hours: z.unknown().optional().describe('In words or by weekday, as it was put'),
    outOfHours: z.object({ recipientId: z.string().optional(), phone: z.string().optional() }).optional(),
    opensAt: z.string(),
    terms: z.array(z.tuple([z.string(), z.string()])),
    closedDays: z.array(z.string()),
    disabled: z
      .boolean()
      .describe('The address said it is gone (410): nothing is sent until the operator writes the recipient again'),
    writtenAt: z.string(),
    secret: z
      .string()
      .optional()
      .describe('whsec_…, once, in the answer that makes the webhook: it signs every call (Standard Webhooks)'),
  })
  .meta({ id: 'RecipientStored' })
