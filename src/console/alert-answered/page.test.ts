import { expect, test } from 'vitest'
import { aSchoolLink, wordsOn } from '../../../test/support/school-link.ts'
import { settleDueDispatches } from '../../delivery/settle-due.ts'

const kinds = async (link: Awaited<ReturnType<typeof aSchoolLink>>) =>
  (await link.rig.events(link.notification)).map(({ kind }) => kind)
const stateOf = async ({ rig, dispatch }: Awaited<ReturnType<typeof aSchoolLink>>) =>
  (
    await rig.worker.query<{ state: string; return_reason: string | null; due_by: Temporal.Instant }>(
      'select state, return_reason, due_by from dispatch where id = $1',
      [dispatch],
    )
  )[0]

test.each([
  ['acknowledged', 'key_adult'],
  ['seen-by-deputy', 'deputy'],
])('an answer of %s ends the clock, and is on record as the %s’s', async (answer, as) => {
  const link = await aSchoolLink()
  await link.browser.press(link.path)
  const thanks = await link.browser.press(`${link.path}/answers/${answer}`)
  expect(thanks.goesTo).toBe(`${link.path}/answers`)
  expect(wordsOn(thanks)).toContain('It is on record that')
  expect(thanks.html).not.toContain('Merrin')
  expect(await stateOf(link)).toMatchObject({ state: 'acknowledged' })
  const events = await link.rig.events(link.notification)
  expect(JSON.parse(events.at(-1)?.body ?? '')).toMatchObject({ kind: 'dispatch acknowledged', detail: { as } })
})

test('a child who is not there goes to a person, and the clock goes on', async () => {
  const link = await aSchoolLink()
  const before = await stateOf(link)
  await link.browser.press(link.path)
  expect(wordsOn(await link.browser.press(`${link.path}/answers/not-here`))).toContain('Somebody else will be told')
  expect(await stateOf(link)).toMatchObject({ state: 'held', return_reason: 'not_ours', due_by: before?.due_by })
  await settleDueDispatches(link.rig.due(), link.clock.now(), 500)
  expect((await kinds(link)).slice(-2)).toEqual(['dispatch returned', 'task opened'])
  const alert = await link.browser.get(`${link.path}/alert`)
  expect(alert.html).not.toContain('Merrin')
})

test('a link answers once: pressed again, or pressed for something else, it says what was answered', async () => {
  const link = await aSchoolLink()
  await link.browser.press(link.path)
  await link.browser.press(`${link.path}/answers/acknowledged`)
  await link.browser.press(`${link.path}/answers/acknowledged`)
  const again = await link.browser.press(`${link.path}/answers/not-here`)
  expect(wordsOn(again)).toContain('It is on record that')
  expect((await kinds(link)).filter((kind) => kind === 'dispatch acknowledged' || kind === 'dispatch returned')).toEqual([
    'dispatch acknowledged',
  ])
  expect(wordsOn(await link.browser.get(again.goesTo ?? ''))).toContain('Read it again')
  expect((await link.browser.get(`${link.path}/alert`)).html).not.toContain('<button')
})

test('two answers at once count as one', async () => {
  const link = await aSchoolLink()
  await link.browser.press(link.path)
  await Promise.all([
    link.browser.press(`${link.path}/answers/acknowledged`),
    link.browser.press(`${link.path}/answers/not-here`),
    link.browser.press(`${link.path}/answers/acknowledged`),
  ])
  const answers = (await kinds(link)).filter((kind) => kind === 'dispatch acknowledged' || kind === 'dispatch returned')
  expect(answers).toHaveLength(1)
})

test('nobody answers who has not opened it', async () => {
  const link = await aSchoolLink()
  expect((await link.browser.press(`${link.path}/answers/acknowledged`)).goesTo).toBe(link.path)
  expect((await link.browser.get(`${link.path}/answers`)).goesTo).toBe(link.path)
  expect(await stateOf(link)).toMatchObject({ state: 'released' })
})
