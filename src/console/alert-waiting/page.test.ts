import { expect, test } from 'vitest'
import { aBrowser, aSchoolLink, wordsOn } from '../../../test/support/school-link.ts'

test('a link says that something waits, and nothing of any child, school or force', async () => {
  const { path, browser } = await aSchoolLink()
  const waiting = await browser.get(path)
  expect(waiting.status).toBe(200)
  expect(wordsOn(waiting)).toContain('There is an alert for your school')
  expect(waiting.html).not.toMatch(/Merrin|Quillfeather|2016|Recipient|ZZ\/0001|police-zz|Thistlewood/)
  expect(waiting.html).toMatch(/<button[^>]*>Open it now<\/button>/)
})

test('programs that follow a link use nothing up, however often', async () => {
  const { path, web, rig, notification, browser } = await aSchoolLink()
  for (const scanner of [aBrowser(web), aBrowser(web), aBrowser(web)]) expect((await scanner.get(path)).status).toBe(200)
  expect((await web.inject({ method: 'HEAD', url: path })).statusCode).toBe(200)
  expect((await rig.events(notification)).map(({ kind }) => kind)).toEqual(['dispatch released'])
  expect((await browser.press(path)).status).toBe(200)
})

test('a page is kept by nobody, framed by nobody, runs no script and tells nobody where it leads', async () => {
  const { path, browser } = await aSchoolLink()
  const { headers, html } = await browser.get(path)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(headers['x-robots-tag']).toBe('noindex, nofollow')
  expect(html).not.toMatch(/<script|javascript:|style=/)
})

test('what is not for a school speaks of no school', async () => {
  const { path, browser } = await aSchoolLink({ planned: { service: 'health', kind: 'notification' } })
  const waiting = await browser.get(path)
  expect(wordsOn(waiting)).toContain('Something is waiting for you')
  expect(wordsOn(waiting)).not.toMatch(/school|key adult/)
})
