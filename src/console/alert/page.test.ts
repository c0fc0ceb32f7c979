import { expect, test } from 'vitest'
import { aBrowser, aSchoolLink, schoolContent, wordsOn } from '../../../test/support/school-link.ts'
import { fieldsOf } from '../as-read.ts'

test('whoever opens it sees all the school may know, and each showing is a disclosure with its purpose', async () => {
  const { path, browser, rig, notification } = await aSchoolLink()
  const alert = await browser.press(path)
  expect(alert.goesTo).toBe(`${path}/alert`)
  const words = wordsOn(alert)
  for (const said of [
    'Merrin',
    'Quillfeather',
    '4 May 2016',
    'Friday 6 March 2026 at 8:10pm',
    'ZZ/0001/26',
    'It would not be safe for them to know',
    'Observe how the child is.',
    'Do not question the child.',
    'This is police data.',
    'Please answer by',
  ])
    expect(words).toContain(said)
  await browser.get(`${path}/alert`)
  const events = await rig.events(notification)
  expect(events.map(({ kind }) => kind)).toEqual(['dispatch released', 'link opened', 'dispatch disclosed', 'dispatch disclosed'])
  const [, , disclosed] = events
  expect(disclosed?.actor).toMatch(/^lnk_/)
  expect(JSON.parse(disclosed?.body ?? '').detail).toMatchObject({
    contact: 'mailbox',
    purpose: 'a school reads its alert at a link',
  })
  expect(JSON.stringify(events)).not.toMatch(/Merrin|Quillfeather|Thistlewood|example/)
})

test('it is shown to no other browser, and not before the button was pressed', async () => {
  const { path, web, browser } = await aSchoolLink()
  const early = await browser.get(`${path}/alert`)
  expect(early.goesTo).toBe(path)
  expect(early.html).not.toContain('Merrin')
  await browser.press(path)
  const other = await aBrowser(web).get(`${path}/alert`)
  expect(other.status).toBe(403)
  expect(other.html).not.toContain('Merrin')
})

test('the cookie is for these pages alone, out of reach of any script, and holds nothing of the token', async () => {
  const { path, web } = await aSchoolLink()
  const { headers } = await web.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(headers['set-cookie']).toMatch(/^daymark-[0-9a-f-]{36}=[\w-]{43}; Path=\/a; HttpOnly; SameSite=Lax$/)
  expect(headers['set-cookie']).not.toContain(path.split('.')[1])
})

test('after twelve hours the browser that opened it sees it no more', async () => {
  const { path, browser, clock } = await aSchoolLink()
  await browser.press(path)
  clock.moveBy({ hours: 11, minutes: 59 })
  expect((await browser.get(`${path}/alert`)).status).toBe(200)
  clock.moveBy({ minutes: 1 })
  expect((await browser.get(`${path}/alert`)).status).toBe(403)
})

test('once somebody has acknowledged it asks for nothing more, and says when', async () => {
  const { path, browser, rig, dispatch, clock } = await aSchoolLink()
  await browser.press(path)
  await rig.worker.query(`update dispatch set state = 'acknowledged', acknowledged_at = $2, next_at = null where id = $1`, [
    dispatch,
    clock.now(),
  ])
  const alert = await browser.get(`${path}/alert`)
  expect(wordsOn(alert)).toContain('Acknowledged on Friday 6 March 2026 at 9:10pm')
  expect(alert.html).not.toContain('<button')
})

test('a recall asks for nothing but to say that it was done', async () => {
  const content = { kind: 'recall', policeReference: 'ZZ/0001/26', recalls: 'dsp_0', whatToDo: 'Destroy what you hold.' }
  const { path, browser } = await aSchoolLink({ planned: { kind: 'recall', content } })
  const recall = await browser.press(path)
  expect(wordsOn(recall)).toContain('Destroy what you hold.')
  expect(wordsOn(recall)).not.toContain('not at our school')
})

test('a correction shows what has changed and all of it as it is now', async () => {
  const changed = [{ field: 'childPresent', was: 'no', now: 'yes' }]
  const content = { kind: 'correction', corrects: 'dsp_0', whatToDo: 'Put your own record right.', changed, now: schoolContent }
  const { path, browser } = await aSchoolLink({ planned: { kind: 'correction', content } })
  const words = wordsOn(await browser.press(path))
  for (const said of [
    'Police have corrected what they told you',
    'It was No',
    'As it is now',
    'Quillfeather',
    'Observe how the child is.',
  ])
    expect(words).toContain(said)
})

test('what the page has no words for is shown by its own name, and nothing told is left out', () => {
  const fields = fieldsOf({
    expectedDeliveryDate: '2026-08-01',
    pregnant: true,
    somethingNew: { howMany: 3, which: ['a', 'b'] },
    gone: null,
  })
  expect(fields).toEqual([
    { label: 'Expected delivery date', text: '1 August 2026' },
    { label: 'Pregnant', text: 'Yes' },
    {
      label: 'Something new',
      groups: [
        [
          { label: 'How many', text: '3' },
          { label: 'Which', list: ['a', 'b'] },
        ],
      ],
    },
    { label: 'Gone', text: 'Nothing is said any more' },
  ])
})

test('what somebody wrote is shown as text, whatever it looks like', async () => {
  const child = { givenNames: '<script>alert(1)</script>', familyName: 'O"Quill & Sons', dateOfBirth: '2016-05-04' }
  const { path, browser } = await aSchoolLink({ planned: { content: { ...schoolContent, child } } })
  const { html } = await browser.press(path)
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;script&gt;')
})
