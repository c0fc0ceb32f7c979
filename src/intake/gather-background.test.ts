import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aQueue, aSchool } from '../../test/support/recipient-bodies.ts'
import { anOpenDatabase, type OpenDatabase, storeNotification } from '../../test/support/stored-notification.ts'
import { asAgency } from '../database/connection.ts'
import { writeOpenCase } from '../directory/open-case-store.ts'
import { recipientBody } from '../directory/recipient-body.ts'
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
  const client = { id: 'cli_test', agency: 'operator', scopes: [] }
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
})
