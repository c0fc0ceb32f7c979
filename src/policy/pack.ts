import { z } from 'zod'
import { factDefinitions } from './facts.ts'

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Write a date as 2025-10-24')
const sentence = z.string().min(10, 'Write a whole sentence')
const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Write it in small letters with hyphens between the words')
const hours = z.string().regex(/^\d{1,3} hours?$/, 'Write a time limit as “24 hours”')

const within = z
  .union([z.literal('before school opens'), hours, z.strictObject({ high: hours, otherwise: hours })])
  .describe(
    'Elapsed hours from the report, by the victim’s risk, or the first opening of that child’s school. Left out: the procedure is silent.',
  )

/** Written with spaces in a pack; underscores stand in their place everywhere else. */
export const serviceNames = [
  'childrens social care',
  'education setting',
  'education authority',
  'health',
  'marac',
  'idva',
  'specialist support',
  'police child protection',
] as const

const tell = z.strictObject({
  service: z.enum(serviceNames),
  kind: z.enum(['referral', 'notification', 'alert', 'handoff']),
  within: within.optional(),
  asks: z.enum(['child and family assessment']).optional(),
  'with summary': z
    .literal('yes')
    .optional()
    .describe('A notification to social care that the procedure wants with the officer’s account'),
})

/** Written with spaces, as services are. */
export const decisionNames = ['refer', 'notify', 'no further action', 'pitstop', 'regrade', 'resolve'] as const

const ask = z.strictObject({
  desk: z.enum(['domestic abuse review', 'pitstop', 'mash', 'directory']),
  question: sentence,
  recommends: sentence.optional().describe('What the procedure would have the person decide'),
  within: within.optional(),
  'supervisor agrees': z
    .array(z.enum(decisionNames))
    .min(1)
    .optional()
    .describe('Decisions that stand only once a supervisor agrees with whoever decides, where the procedure says so'),
})

const cells = z.strictObject(
  Object.fromEntries(factDefinitions.map(({ name, says }) => [name, z.string().optional().describe(says)])),
)

const exampleFacts = z.strictObject(
  Object.fromEntries(
    factDefinitions.map(({ name, says }) => [
      name,
      z
        .union([z.string(), z.int(), z.array(z.string())])
        .optional()
        .describe(says),
    ]),
  ),
)

const points = z
  .array(z.string())
  .min(1)
  .optional()
  .describe('The points of the document it answers, as the area’s reading of that document numbers them')

const rule = z.strictObject({
  rule: slug.describe('Its id: a short sentence with hyphens'),
  says: sentence.describe('The procedure in our own words'),
  points,
  cites: z.strictObject({
    document: z.string().optional().describe('Left out: the pack’s own document'),
    section: z.string().min(3),
  }),
  about: z.enum(['each child', 'each unborn child', 'each party', 'the notification']),
  when: cells.describe('Cells joined by AND. OR is another rule'),
  tell: z.array(tell).min(1).optional(),
  ask: z.array(ask).min(1).optional(),
  assumes: sentence.optional().describe('Which silence it fills or which ambiguity it settles, and why'),
  owner: sentence.optional().describe('Who must sign off what it assumes'),
  examples: z.strictObject({
    fires: z.array(exampleFacts).min(1),
    'does not fire': z.array(exampleFacts),
  }),
})

/** One edition of an area's procedure, as its YAML file holds it. */
export const packSchema = z.strictObject({
  area: slug,
  'in force from': date,
  authorities: z
    .array(z.string().regex(/^[EW]\d{8}$/, 'Write an authority’s GSS code: a letter and eight digits'))
    .min(1)
    .optional()
    .describe('The authorities whose procedure it is'),
  'lies under': z.literal('every area').optional().describe('In place of authorities: the law, which holds everywhere'),
  document: z.strictObject({
    title: z.string().min(10),
    updated: date.optional().describe('Left out: the document bears no date of its own'),
    link: z.url().optional(),
  }),
  'written confirmation': hours
    .optional()
    .describe('By when, from the call, a referral by telephone is confirmed in writing. Left out: the procedure names no time'),
  assumes: z
    .array(z.strictObject({ says: sentence, owner: sentence }))
    .min(1)
    .optional()
    .describe('What is assumed of the document as a whole, such as its first day, and who must sign it off'),
  rules: z.array(rule).min(1),
  'not routed': z
    .array(z.strictObject({ points, section: z.string().min(3), what: sentence, because: sentence }))
    .optional()
    .describe('What the document says that no rule answers, and why'),
})

/** A pack as it is written. */
export type Pack = z.infer<typeof packSchema>
/** One rule as it is written. */
export type PackRule = Pack['rules'][number]
/** The facts of one example, by name. */
export type ExampleFacts = z.infer<typeof exampleFacts>

/** The JSON Schema of a pack, for editors: names, sentences and choices appear as a lead types. */
export function packJsonSchema(): string {
  const schema = { ...z.toJSONSchema(packSchema, { io: 'input' }), title: 'A Daymark policy pack' }
  // Short lists stand on one line, as the formatter would set them.
  const text = JSON.stringify(schema, null, 2).replace(/\[[^[\]{}]*\]/g, (list) => {
    const line = list
      .replace(/\s*\n\s*/g, ' ')
      .replace(/^\[ /, '[')
      .replace(/ \]$/, ']')
    return line.length > LIST_MAX ? list : line
  })
  return `${text}\n`
}

const LIST_MAX = 100
