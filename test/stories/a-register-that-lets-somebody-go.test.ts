import { beforeAll, expect, test } from 'vitest'
import { aChangeStory, type ChangeStory, type Edit } from '../support/changed-notification.ts'
import { aDaymark, type Daymark } from '../support/daymark.ts'
import { loadDirectory } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

/** Told over HTTP: an authority that has a case open is told, and what becomes of that when the register says otherwise. */

const THERE = 'csc-E10000007'
let story: ChangeStory
let daymark: Daymark

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  story = await aChangeStory(daymark, await loadDirectory(daymark))
})

const merrin = (familyName: string) => ({ givenNames: 'Merrin', familyName, dateOfBirth: '2017-05-04' })
const at = (reference: string) => `/v1/registers/open-cases/E10000007/${reference}`
const open = async (reference: string, familyName: string) => {
  const written = await story.operator.put(at(reference), { people: [merrin(familyName)], asOf: '2026-10-14T20:00:00Z' })
  expect(written.status, JSON.stringify(written.body)).toBe(201)
}
async function close(reference: string): Promise<void> {
  const headers = { authorization: `Bearer ${story.operator.key}` }
  expect((await fetch(`${daymark.url}${at(reference)}`, { method: 'DELETE', headers })).status).toBe(204)
}

const ofFamily =
  (familyName: string, also: Edit = () => {}): Edit =>
  (body) => {
    for (const person of body.people) person.familyName = familyName
    also(body)
  }
const toldThere = async (id: string) =>
  (await story.read(id)).dispatches.filter(({ recipient }) => recipient.id === THERE).map(({ kind }) => kind)

test('a case that is registered late tells its authority, and takes nothing from anybody', async () => {
  const id = await story.send('o-1', ofFamily('Aldermoor'))
  const before = (await story.read(id)).dispatches.map((one) => one.id)
  expect(await toldThere(id)).toEqual([])
  await open('LATE-1', 'Aldermoor')
  await waitFor('its authority is told', async () => (await toldThere(id)).length === 1)
  const after = (await story.read(id)).dispatches
  expect(after.map((one) => one.id)).toEqual(expect.arrayContaining(before))
  expect(after.map(({ state }) => state)).not.toContain('withdrawn')
  expect(await story.faults()).toEqual([])
})

test('an authority that was told because of a case is not asked to destroy it when the case is closed since', async () => {
  await open('CLOSED-1', 'Birchover')
  const first = await story.send('o-2', ofFamily('Birchover'))
  expect(await toldThere(first)).toEqual(['referral'])
  await story.collect(THERE)
  await close('CLOSED-1')
  const second = await story.change(
    first,
    'o-2',
    2,
    ofFamily('Birchover', (body) => {
      body.parentsInformed = 'no'
    }),
  )
  // It learns what has changed, as everybody does who was told.
  expect(await toldThere(second)).toEqual(['correction'])
  expect(await story.faults()).toEqual([])
})

test('it is asked to, when police correct who the child is and no case is open for that child', async () => {
  await open('CLOSED-2', 'Coldharbour')
  const first = await story.send('o-3', ofFamily('Coldharbour'))
  expect(await toldThere(first)).toEqual(['referral'])
  await story.collect(THERE)
  const second = await story.change(
    first,
    'o-3',
    2,
    ofFamily('Coldharbour', (body) => {
      body.people[2].dateOfBirth = '2017-04-05'
    }),
  )
  expect(await toldThere(second)).toEqual(['recall'])
  expect(await story.faults()).toEqual([])
})
