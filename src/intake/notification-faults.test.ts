import { expect, test } from 'vitest'
import example from '../../test/examples/notification.json' with { type: 'json' }
import { readNotification } from './notification-faults.ts'

const at = Temporal.Instant.from('2026-10-14T23:30:00Z')
type Body = Record<string, unknown>
const aBody = (change: (body: typeof example) => unknown = () => {}): Body => {
  const body = structuredClone(example)
  change(body)
  return body
}
const faultsOf = (body: unknown) => {
  const read = readNotification(body, at)
  return read.kind === 'faults' ? read.faults : []
}
const codesOf = (body: unknown) => faultsOf(body).map(({ pointer, code }) => `${pointer} ${code}`)

test('the example of a whole notification is read', () => {
  expect(faultsOf(aBody())).toEqual([])
})

test('a misspelt field is refused with the one that was meant', () => {
  const body = aBody((b) => Object.assign(b, { peopel: [] }))
  expect(faultsOf(body)).toEqual([
    { pointer: '/peopel', code: 'unknown-field', detail: 'There is no such field here; did you mean "people"?' },
  ])
})

test('a misspelt field deep in a person is found where it stands', () => {
  const body = aBody((b) => Object.assign(b.people[2]?.education ?? {}, { urn: ['900101'] }))
  expect(faultsOf(body)).toEqual([
    { pointer: '/people/2/education/urn', code: 'unknown-field', detail: 'There is no such field here; did you mean "urns"?' },
  ])
})

test('no guess is offered where nothing is near', () => {
  expect(faultsOf(aBody((b) => Object.assign(b, { zebra: 1 })))[0]?.detail).toBe('There is no such field here')
})

test('a notification without a victim is refused', () => {
  expect(codesOf(aBody((b) => b.people.splice(0, 1)))).toEqual([
    '/people no-victim',
    '/riskAssessments/0/personRef nobody-by-that-ref',
  ])
})

test('two people cannot have one ref', () => {
  expect(codesOf(aBody((b) => Object.assign(b.people[3] ?? {}, { ref: 'c1' })))).toEqual(['/people/3/ref ref-taken'])
})

test('a birth after the report is a fault; after the incident but before the report it is a finding', () => {
  expect(codesOf(aBody((b) => Object.assign(b.people[3] ?? {}, { dateOfBirth: '2026-10-15' })))).toEqual([
    '/people/3/dateOfBirth born-after-report',
  ])
  expect(codesOf(aBody((b) => Object.assign(b.people[3] ?? {}, { dateOfBirth: '2026-10-14' })))).toEqual([])
})

test('the birth is compared with the day of the report in London, not in UTC', () => {
  const body = aBody((b) => {
    Object.assign(b.incident, { occurredAt: '2026-07-01T23:10:00Z', reportedAt: '2026-07-01T23:30:00Z' })
    Object.assign(b.people[3] ?? {}, { dateOfBirth: '2026-07-02' })
  })
  expect(codesOf(body)).toEqual([])
})

test('an incident cannot come after its report, nor a report from the future', () => {
  expect(codesOf(aBody((b) => Object.assign(b.incident, { occurredAt: '2026-10-14T21:02:01+01:00' })))).toEqual([
    '/incident/occurredAt after-report',
  ])
  expect(codesOf(aBody((b) => Object.assign(b.incident, { reportedAt: '2026-10-14T23:35:00Z' })))).toEqual([])
  expect(codesOf(aBody((b) => Object.assign(b.incident, { reportedAt: '2026-10-14T23:35:01Z' })))).toEqual([
    '/incident/reportedAt in-the-future',
  ])
})

test('a time without an offset is refused, because nobody knows when it is', () => {
  expect(codesOf(aBody((b) => Object.assign(b.incident, { reportedAt: '2026-10-14T21:02:00' })))).toEqual([
    '/incident/reportedAt wrong-format',
  ])
})

test('a refusal to give a name is data', () => {
  const body = aBody((b) => {
    const [victim] = b.people
    if (victim) Object.assign(victim, { refused: true, givenNames: undefined, familyName: undefined, dateOfBirth: undefined })
  })
  expect(codesOf(JSON.parse(JSON.stringify(body)))).toEqual([])
})

test('an authority nobody knows is accepted: a person decides', () => {
  expect(codesOf(aBody((b) => Object.assign(b.incident, { localAuthority: 'E99999999' })))).toEqual([])
})

test('every fault is named at once, of shape and between fields', () => {
  const body = aBody((b) => {
    Object.assign(b, { verison: 1, version: 0 })
    Object.assign(b.incident, { occurredAt: '2026-10-14T22:00:00Z', localAuthority: 'Derby' })
    Object.assign(b.people[1] ?? {}, { ref: 'v1' })
    Object.assign(b.people[2] ?? {}, { household: 'flat', dateOfBirth: '04/05/2017' })
  })
  expect(codesOf(body).sort()).toEqual([
    '/incident/localAuthority wrong-format',
    '/incident/occurredAt after-report',
    '/people/1/ref ref-taken',
    '/people/2/dateOfBirth wrong-format',
    '/people/2/household not-a-choice',
    '/verison unknown-field',
    '/version too-small',
  ])
})

test('no fault repeats what was sent', () => {
  const body = aBody((b) => {
    Object.assign(b.people[0] ?? {}, { givenNames: 7, familyName: ['Quillfeather'], sex: 'q'.repeat(41), dateOfBirth: 'canary' })
    Object.assign(b.people[2] ?? {}, { household: 'canary', role: 'canary' })
  })
  const said = JSON.stringify(faultsOf(body))
  for (const canary of ['canary', 'Quillfeather', 'qqq']) expect(said).not.toContain(canary)
})

const limits: [string, (b: typeof example, n: number) => unknown, number][] = [
  [
    'people',
    (b, n) =>
      Object.assign(b, {
        people: [...b.people, ...Array.from({ length: n - 4 }, (_, i) => ({ ref: `x${i}`, role: 'other_adult' }))],
      }),
    100,
  ],
  ['the summary', (b, n) => Object.assign(b.incident, { summary: 'x'.repeat(n) }), 20_000],
  ['a name', (b, n) => Object.assign(b.people[0] ?? {}, { familyName: 'x'.repeat(n) }), 200],
  ['the reference', (b, n) => Object.assign(b, { policeReference: 'x'.repeat(n) }), 100],
]
for (const [what, fill, most] of limits) {
  test(`${what} may hold ${most} and no more`, () => {
    expect(faultsOf(aBody((b) => fill(b, most)))).toEqual([])
    expect(faultsOf(aBody((b) => fill(b, most + 1)))).toHaveLength(1)
  })
}
