import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

/** Told over HTTP: who stood beside this mother before, and is not on the form tonight. */

const NOW = '2026-10-14T22:30:00Z'
let police: TestClient
let otherPolice: TestClient
let operator: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: NOW })
  operator = await loadDirectory(daymark)
  const scopes = ['notifications:write', 'notifications:read'] as const
  police = await daymark.client('police-derbyshire', scopes)
  otherPolice = await daymark.client('police-elsewhere', scopes)
})

interface Person {
  ref: string
  role: string
  [field: string]: unknown
}

/** A mother of her own for each test, a suspect, and the children that are listed. */
async function send(
  as: TestClient,
  reference: string,
  children: Partial<Person>[],
  given: { earlier?: boolean; mother?: string } = {},
) {
  const body = await exampleNotification()
  const mother = { ...body.people[0], familyName: given.mother ?? reference, policePersonId: undefined, pregnant: false }
  delete mother.expectedDeliveryDate
  const suspect = { ...body.people[1], familyName: given.mother ?? reference, givenNames: 'Sorrel', policePersonId: undefined }
  const listed = children.map((child, at) => ({
    ref: `c${at + 1}`,
    role: 'child',
    familyName: 'Zedwing',
    household: 'resident',
    injured: true,
    education: { status: 'on_roll', urns: ['900101'] },
    ...child,
  }))
  const incident = given.earlier
    ? { ...body.incident, occurredAt: '2026-09-01T19:00:00Z', reportedAt: '2026-09-01T20:00:00Z' }
    : body.incident
  const answer = await as.post('/v1/notifications', {
    ...body,
    policeReference: reference,
    incident,
    riskAssessments: body.riskAssessments.map((one: object) => ({ ...one, answers: {} })),
    people: [mother, suspect, ...listed],
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return triaged(as, answer.body.id)
}

const wren = { givenNames: 'Wren', dateOfBirth: '2016-05-04' }
const linnet = { givenNames: 'Linnet', dateOfBirth: '2018-06-01' }
const review = (decided: { tasks: { desk: string; question: string; dueBy: string }[] }) =>
  decided.tasks.find(({ desk }) => desk === 'domestic_abuse_review')

async function gapsOf(id: string, as = police): Promise<{ code: string; about: string[] }[]> {
  const { events } = (await as.get(`/v1/notifications/${id}/timeline`)).body
  const found = events.find(({ kind }: { kind: string }) => kind === 'notification triaged')
  expect(JSON.stringify(events)).not.toContain('Linnet')
  return found.detail.gaps ?? []
}

test('a child of this mother who stood on an earlier report and is missing here is named to a reviewer within the hour', async () => {
  await send(police, 'k-1a', [wren, linnet], { earlier: true, mother: 'Marram' })
  const decided = await send(police, 'k-1b', [wren], { mother: 'Marram' })
  const task = review(decided)
  expect(task?.question).toContain('Linnet Zedwing, born 2018-06-01, stood beside the victim v1')
  expect(task?.question).toContain('on notification k-1a of 2026-09-01 and is not listed here')
  expect(task?.question).not.toContain('Wren')
  const hour = Temporal.Instant.from(NOW).add({ hours: 1, minutes: 1 })
  expect(Temporal.Instant.compare(task?.dueBy ?? '', hour)).toBeLessThan(0)
  expect(await gapsOf(decided.id)).toEqual([{ code: 'child_missing', about: ['v1', 's1'] }])
  expect((await operator.get('/v1/audit/completeness')).body.faults).toEqual([])
})

test('a child of whom the earlier report gave a name alone is found by the mother and named', async () => {
  await send(police, 'k-6a', [wren, { givenNames: 'Linnet' }], { earlier: true, mother: 'Samphire' })
  const decided = await send(police, 'k-6b', [wren], { mother: 'Samphire' })
  expect(review(decided)?.question).toContain('Linnet Zedwing stood beside the victim v1')
  expect(await gapsOf(decided.id)).toEqual([{ code: 'child_missing', about: ['v1', 's1'] }])
  const complete = await send(police, 'k-6c', [wren, { ...linnet, dateOfBirth: undefined }], { mother: 'Samphire' })
  expect(await gapsOf(complete.id)).toEqual([])
})

test('somebody in this family’s open case, of whom no birth date is given and whose name is nobody’s here, is asked about', async () => {
  const rook = { givenNames: 'Rook', dateOfBirth: '2014-02-02' }
  const people = [
    { ...rook, familyName: 'Zedwing' },
    { givenNames: 'Linnet', familyName: 'Zedwing' },
    { givenNames: 'Sorrel', familyName: 'Fallow' },
  ]
  const written = await operator.put('/v1/registers/open-cases/E06000015/Z-32', { people, asOf: '2026-10-14T20:00:00Z' })
  expect(written.status, JSON.stringify(written.body)).toBe(201)
  const question = review(await send(police, 'k-7', [rook], { mother: 'Fallow' }))?.question
  expect(question).toContain('Linnet Zedwing stood')
  expect(question).toContain('so this may be a child')
  // The suspect here has that name.
  expect(question).not.toContain('Sorrel Fallow stood')
})

test('a child who is listed under another spelling is shown as perhaps the same, and is not urgent', async () => {
  await send(police, 'k-2a', [linnet], { earlier: true, mother: 'Sedge' })
  const decided = await send(police, 'k-2b', [{ ...linnet, givenNames: 'Lynette' }], { mother: 'Sedge' })
  expect(await gapsOf(decided.id)).toEqual([{ code: 'child_perhaps_listed_otherwise', about: ['c1'] }])
})

test('a child in an open case with this family, who is missing here, is named too', async () => {
  const people = [
    { ...wren, familyName: 'Zedwing' },
    { ...linnet, familyName: 'Zedwing' },
    { givenNames: 'Tansy', familyName: 'Fescue', dateOfBirth: '1991-01-01' },
  ]
  const written = await operator.put('/v1/registers/open-cases/E06000015/Z-31', { people, asOf: '2026-10-14T20:00:00Z' })
  expect(written.status, JSON.stringify(written.body)).toBe(201)
  const decided = await send(police, 'k-3', [{ ...wren, nhsNumber: undefined }], { mother: 'Fescue' })
  const question = review(decided)?.question
  expect(question).toContain('Linnet Zedwing, born 2018-06-01,')
  expect(question).toContain('in the open case Z-31 of E06000015')
  // An adult of that case is no child.
  expect(question).not.toContain('Tansy')
})

test('a child whom another force told of stays unnamed, and a reviewer asks that force', async () => {
  await send(otherPolice, 'k-4a', [linnet], { earlier: true, mother: 'Bracken' })
  const decided = await send(police, 'k-4b', [{ givenNames: 'Rook', dateOfBirth: '2015-01-01' }], { mother: 'Bracken' })
  expect(review(decided)?.question).toContain('another force')
  expect(JSON.stringify(decided)).not.toMatch(/Linnet|k-4a/)
})

test('what the form ticked and did not list, and a school left blank, become questions and refuse nothing', async () => {
  const body = await exampleNotification()
  const { education: _, ...child } = body.people[2]
  const answer = await police.post('/v1/notifications', {
    ...body,
    policeReference: 'k-5',
    people: [
      { ...body.people[0], pregnant: false, expectedDeliveryDate: undefined },
      body.people[1],
      { ...child, injured: false },
    ],
    riskAssessments: [{ ...body.riskAssessments[0], tool: 'DASH', itemCount: 27, answers: { q9: 'yes', q11: 'yes' } }],
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  const codes = (await gapsOf((await triaged(police, answer.body.id)).id)).map(({ code }) => code)
  expect(codes).toEqual(['pregnancy_without_unborn_child', 'dependants_hurt_none_injured', 'school_left_blank'])
})
