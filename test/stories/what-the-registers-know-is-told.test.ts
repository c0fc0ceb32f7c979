import { beforeAll, describe, expect, test } from 'vitest'
import { aChild, aNotification, aSuspect, aVictim } from '../support/builders.ts'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let operator: TestClient
let police: TestClient
let school: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-11-04T21:00:00Z' })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read', 'registers:write'])
  school = await daymark.client('school-900101', ['registers:write'])
  await police.put('/v1/registers/history', { completeFrom: '2020-01-01T00:00:00Z' })
  const foxglove = await operator.put('/v1/directory/recipients/school-900102', {
    service: 'education_setting',
    name: 'Foxglove Academy',
    urn: '900102',
    authorities: ['E06000015'],
    channel: { kind: 'pull_queue' },
  })
  expect(foxglove.status).toBe(200)
})

const cedar = (over: Parameters<typeof aChild>[0] = {}) => aChild({ education: { status: 'unknown' }, ...over })

/** Nobody is on two of these by accident: each story has a family of its own. */
function aFamily(name: string, child: Parameters<typeof aChild>[0] = {}) {
  return [
    aVictim({ familyName: name }),
    aSuspect({ familyName: `${name}son`, dateOfBirth: '1989-05-05' }),
    cedar({ familyName: name, ...child }),
  ]
}

async function send(reference: string, with_: Parameters<typeof aNotification>[0]): Promise<string> {
  const { body, status } = await police.post('/v1/notifications', aNotification({ policeReference: reference, ...with_ }))
  expect(status, JSON.stringify(body)).toBe(202)
  return body.id
}

const decidedOn = async (reference: string, with_: Parameters<typeof aNotification>[0]) =>
  triaged(police, await send(reference, with_))

const schoolsTold = ({ dispatches }: { dispatches: { service: string; recipient: { id: string } }[] }) =>
  dispatches.filter(({ service }) => service === 'education_setting').map(({ recipient }) => recipient.id)

const questionOn = (desk: string, { tasks }: { tasks: { desk: string; question: string }[] }) =>
  tasks.find((task) => task.desk === desk)?.question ?? ''

const found = (fact: string, { outcome }: { outcome: { rulings: { findings: { fact: string; found: string }[] }[] } }) =>
  outcome.rulings.flatMap(({ findings }) => findings).find((finding) => finding.fact === fact)?.found

const aPupil = (familyName: string, over: Record<string, unknown> = {}) => ({
  givenNames: 'Cedar',
  familyName,
  dateOfBirth: '2016-01-02',
  ...over,
})

const roll = (pupils: unknown[], asOf = '2026-11-01T07:00:00Z') => ({ asOf, pupils })

describe('the roll', () => {
  test('the school on the roll is told when police did not know it', async () => {
    const { status, body } = await school.put('/v1/registers/pupils/900101', roll([aPupil('Hollin'), aPupil('Rowan')]))
    expect([status, body]).toEqual([201, { urn: '900101', asOf: '2026-11-01T07:00:00Z', pupils: 2, flags: [] }])
    const decided = await decidedOn('r-1', { people: aFamily('Hollin') })
    expect(schoolsTold(decided)).toEqual(['school-900101'])
    expect(found('place in education', decided)).toBe('police do not say; a fresh school roll has the child')
  })

  test('a roll that is a month old says nothing', async () => {
    await operator.put('/v1/registers/pupils/900103', roll([aPupil('Sallow')], '2026-10-05T20:59:00Z'))
    const decided = await decidedOn('r-2', { people: aFamily('Sallow') })
    expect(schoolsTold(decided)).toEqual([])
    expect(found('place in education', decided)).toBe('not stated')
  })

  test('of two schools a fresh roll decides, and the other hears nothing', async () => {
    const decided = await decidedOn('r-3', { people: aFamily('Rowan', { education: { status: 'on_roll', urns: ['900102'] } }) })
    expect(schoolsTold(decided)).toEqual(['school-900101'])
    expect(questionOn('directory', decided)).toContain('900101 and not 900102')
  })

  test('a roll that comes later tells the school that nobody had found', async () => {
    const id = await send('r-4', { people: aFamily('Alderfen') })
    expect(schoolsTold(await triaged(police, id))).toEqual([])
    await operator.put('/v1/registers/pupils/900104', roll([aPupil('Alderfen')]))
    await operator.put('/v1/directory/recipients/school-900104', {
      service: 'education_setting',
      name: 'Yarrow Primary',
      urn: '900104',
      channel: { kind: 'pull_queue' },
    })
    await waitFor('the school is told', async () => {
      const { body } = await police.get(`/v1/notifications/${id}`)
      return schoolsTold(body).includes('school-900104')
    })
  })
})

test('a school whose name is nearly right is proposed to the directory desk and told nothing', async () => {
  const decided = await decidedOn('n-1', {
    people: aFamily('Bramley', { education: { status: 'on_roll', establishmentName: 'Foxglve Academy' } }),
  })
  expect(schoolsTold(decided)).toEqual([])
  expect(questionOn('directory', decided)).toContain('Foxglove Academy (school-900102, URN 900102)')
  const task = decided.tasks.find(({ desk }: { desk: string }) => desk === 'directory')
  expect(task.recommends).toContain('tell school-900102')
  expect(Temporal.Instant.from(task.dueBy).toString()).toBe('2026-11-05T08:45:00Z')
})

describe('earlier incidents from before go-live', () => {
  const counted = (decided: Parameters<typeof found>[1]) => found('previous incidents in three months', decided)
  const lines = (family: string, references: readonly string[]) =>
    references
      .map((policeReference, month) =>
        JSON.stringify({
          policeReference,
          occurredAt: `2026-09-0${month + 1}T20:00:00Z`,
          people: [{ role: 'victim', givenNames: 'Vesper', familyName: family, dateOfBirth: '1993-03-03' }],
        }),
      )
      .join('\n')
  const register = async (text: string) => {
    const answer = await police.send('POST', '/v1/registers/earlier-incidents', text, { 'content-type': 'application/x-ndjson' })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return String(answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  test('count and dispatch nothing', async () => {
    const results = await register(lines('Wickfen', ['OLD-1', 'OLD-2', 'OLD-3']))
    expect(results.map(({ status, result }) => [status, result])).toEqual(Array(3).fill([201, 'added']))
    expect((await police.get('/v1/notifications?policeReference=OLD-1')).body).not.toMatchObject({ state: 'triaged' })
    const decided = await decidedOn('e-1', { people: aFamily('Wickfen') })
    expect(counted(decided)).toBe('3: OLD-3 (same victim); OLD-2 (same victim); OLD-1 (same victim)')
  })

  test('that arrive late are counted in what was triaged without them', async () => {
    const id = await send('e-2', { people: aFamily('Thornley') })
    expect(counted(await triaged(police, id))).toBe('none known')
    await register(lines('Thornley', ['OLD-7']))
    await waitFor('it is counted', async () => {
      const { body } = await police.get(`/v1/notifications/${id}`)
      return counted(body) === '1: OLD-7 (same victim)'
    })
  })
})

describe('a likeness', () => {
  test('a sound-alike with the same birth date is shown and does not count', async () => {
    await decidedOn('s-1', { people: aFamily('Philbrook'), incident: { occurredAt: '2026-11-01T20:00:00Z', address: undefined } })
    const decided = await decidedOn('s-2', { people: aFamily('Filbrook'), incident: { address: undefined } })
    expect(found('previous incidents in three months', decided)).toBe('none known')
    const question = questionOn('domestic_abuse_review', decided)
    expect(question).toContain('Is v1 on s-1 (there v1)?')
    expect(question).not.toMatch(/brook/)
  })

  test('the same address is shown and does not count', async () => {
    const address = { lines: ['9 Zedwing Yard'], postcode: 'ZZ9 9ZZ' }
    await decidedOn('a-1', { people: aFamily('Marram'), incident: { occurredAt: '2026-11-01T20:00:00Z', address } })
    const decided = await decidedOn('a-2', { people: aFamily('Kestrow', { dateOfBirth: '2015-03-03' }), incident: { address } })
    expect(found('previous incidents in three months', decided)).toBe('none known')
    expect(questionOn('domestic_abuse_review', decided)).toContain('a-1 (there v1)? There is the same address')
  })
})

test('a number that cannot be right is asked about, and the notification is taken in', async () => {
  const decided = await decidedOn('b-1', { people: aFamily('Gannet', { upn: 'B801200005002', nhsNumber: '943 476 5919' }) })
  const question = questionOn('domestic_abuse_review', decided)
  expect(question).toContain('The UPN given for c1 cannot be right')
  expect(question).not.toMatch(/B8012|NHS/)
})
