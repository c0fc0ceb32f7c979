import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase, storeNotification } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import { writeMaracCase } from '../directory/marac-store.ts'
import { writeOpenCase } from '../directory/open-case-store.ts'
import { recipientBody } from '../directory/recipient-body.ts'
import { writeRoll } from '../directory/roll-store.ts'
import { writeRecipients } from '../directory/write-recipient.ts'
import type { Person } from '../words/notification.ts'
import { gatherBackground } from './gather-background.ts'

const at = Temporal.Instant.from('2026-04-01T21:00:00Z')
const child: Person = {
  ref: 'c1',
  role: 'child',
  givenNames: 'Wren',
  familyName: 'Larkmoor',
  dateOfBirth: '2018-07-08',
  upn: 'B801200005001',
  education: { status: 'on_roll', urns: ['900101', '900999'] },
}
let database: OpenDatabase

beforeAll(async () => {
  database = await anOpenDatabase()
  const client = { id: 'cli_test', agency: 'operator', scopes: [], desks: null }
  const puts = [
    { id: 'csc-here', body: recipientBody(new Set()).parse(aQueue()) },
    { id: 'csc-there', body: recipientBody(new Set()).parse(aQueue({ authorities: ['E09000007'] })) },
    { id: 'school-900101', body: recipientBody(new Set()).parse(aSchool()) },
  ]
  await asAgency(database.app, 'operator', async (trx) => {
    await writeRecipients(trx, database.keys.ring, puts, { client, at, lookAgainAt: at })
    const { givenNames, familyName, dateOfBirth, upn } = child
    const people = [{ givenNames, familyName, dateOfBirth, upn }]
    const stale = at.subtract({ hours: 48, seconds: 1 })
    await writeOpenCase(trx, database.keys, { authority: 'E09000007', caseReference: 'OLD', people, asOf: stale }, at)
    const fresh = at.subtract({ hours: 48 })
    await writeOpenCase(trx, database.keys, { authority: 'E06000015', caseReference: 'NEW', people, asOf: fresh }, at)
  })
})
afterAll(() => database.close())

describe('what is known before a notification is triaged', () => {
  test('open cases once each, a register older than 48 hours not fresh, and its authority among those to tell', async () => {
    const victim: Person = { ref: 'v1', role: 'victim' }
    const now = await storeNotification(database, {
      reference: 'A1',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [child, victim],
    })
    const { backgrounds, recipients } = await gatherBackground(database.worker.kysely, database.keys, [now], at)
    expect(backgrounds.get(now.id)?.openCases).toEqual(
      expect.arrayContaining([
        { ref: 'c1', authority: 'E09000007', caseReference: 'OLD', fresh: false },
        { ref: 'c1', authority: 'E06000015', caseReference: 'NEW', fresh: true },
      ]),
    )
    expect(backgrounds.get(now.id)?.openCases).toHaveLength(2)
    expect(recipients.map(({ id }) => id)).toEqual(['csc-here', 'csc-there', 'school-900101'])
  })

  test('the directory’s name for each school it has, so that a number that contradicts the name is seen', async () => {
    const now = await storeNotification(database, { reference: 'A2', occurredAt: '2026-04-01T20:00:00Z', people: [child] })
    const { backgrounds } = await gatherBackground(database.worker.kysely, database.keys, [now], at)
    expect(backgrounds.get(now.id)?.establishments).toEqual([{ urn: '900101', name: 'Larkspur Primary' }])
  })

  test('of a batch each notification has its own, and those sent together know of each other', async () => {
    const first = await storeNotification(database, {
      reference: 'B1',
      occurredAt: '2026-03-01T20:00:00Z',
      people: [{ ...child, upn: 'X1' }],
    })
    const second = await storeNotification(database, {
      reference: 'B2',
      occurredAt: '2026-03-02T20:00:00Z',
      people: [{ ...child, upn: 'X1' }],
    })
    const { backgrounds } = await gatherBackground(database.worker.kysely, database.keys, [first, second], at)
    const seen = [first, second].map(({ id }) => backgrounds.get(id)?.earlier.map(({ policeReference }) => policeReference))
    expect(seen).toEqual([[], ['B1']])
  })

  test('rolls with how fresh they are, MARAC cases, bad numbers, and the schools that rolls name', async () => {
    const pupil = { givenNames: 'Linnet', familyName: 'Farrowdale', dateOfBirth: '2017-03-04' }
    const partner = { givenNames: 'Tarquin', familyName: 'Oxlade', dateOfBirth: '1988-05-06' }
    const parent = { givenNames: 'Isolde', familyName: 'Farrowdale', dateOfBirth: '1990-02-03' }
    await asAgency(database.app, 'operator', async (trx) => {
      await writeRoll(trx, database.keys, { urn: '900101', asOf: at.subtract({ hours: 30 * 24 }), pupils: [pupil] }, at)
      await writeRoll(trx, database.keys, { urn: '900999', asOf: at.subtract({ hours: 30 * 24, seconds: 1 }), pupils: [] }, at)
      const marac = { agency: 'operator', id: 'M-1', victim: parent, suspect: partner, referredOn: '2026-01-15' }
      await writeMaracCase(trx, database.keys, marac, at)
    })
    const now = await storeNotification(database, {
      reference: 'C1',
      occurredAt: '2026-04-01T20:00:00Z',
      people: [
        { ref: 'v1', role: 'victim', ...parent, nhsNumber: '1' },
        { ref: 's1', role: 'suspect', ...partner },
        { ref: 'c1', role: 'child', ...pupil, education: { status: 'on_roll', urns: ['900999'] } },
      ],
    })
    const { backgrounds } = await gatherBackground(database.worker.kysely, database.keys, [now], at)
    expect(backgrounds.get(now.id)).toMatchObject({
      rolls: [{ ref: 'c1', urn: '900101', fresh: true, by: 'name and birth', pupil: null }],
      rollsKept: [{ urn: '900999', fresh: false }],
      maracs: [{ victim: 'v1', suspect: 's1', referredOn: '2026-01-15', convenedOn: null }],
      badIdentifiers: [{ ref: 'v1', scheme: 'NHS number' }],
      establishments: [{ urn: '900101', name: 'Larkspur Primary' }],
      nearSchools: [],
    })
  })

  test('the school nearest to a name is looked for where the number is missing or another school’s, and nowhere else', async () => {
    const at900101 = { status: 'on_roll' as const, urns: ['900101'] }
    const people = [
      { status: 'on_roll' as const, establishmentName: 'Larkspur Primry' },
      { ...at900101, establishmentName: 'Larkspur Primary' },
      at900101,
      { status: 'unknown' as const },
    ].map((education, number): Person => ({ ref: `c${number}`, role: 'child', education }))
    const now = await storeNotification(database, { reference: 'D1', occurredAt: '2026-04-01T20:00:00Z', people })
    const { backgrounds } = await gatherBackground(database.worker.kysely, database.keys, [now], at)
    expect(backgrounds.get(now.id)?.nearSchools).toEqual([
      { ref: 'c0', recipientId: 'school-900101', urn: '900101', name: 'Larkspur Primary' },
    ])
  })
})
