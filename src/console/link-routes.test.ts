import { Writable } from 'node:stream'
import pino from 'pino'
import { expect, test } from 'vitest'
import { aBrowser, aSchoolLink } from '../../test/support/school-link.ts'
import { buildWeb } from '../web.ts'
import { linkRoutes } from './link-routes.ts'

test('no token, cookie, address or name stands in a log, whatever is pressed and whatever fails', async () => {
  const link = await aSchoolLink()
  const lines: string[] = []
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const web = await buildWeb({
    logger: pino({ level: 'trace' }, log),
    requestsPerSecondMax: 1000,
    version: '0.0.0',
    addRoutes: (app) => linkRoutes(app, { database: link.rig.app, keys: link.rig.keys, now: link.clock.now, secure: true }),
  })
  await web.ready()
  const browser = aBrowser(web)
  await browser.get(link.path)
  await browser.press(link.path)
  await browser.press(`${link.path}/answers/acknowledged`)
  await link.rig.worker.query(`update dispatch set content = '\\x00' where id = $1`, [link.dispatch])
  expect((await browser.get(`${link.path}/alert`)).status).toBe(500)
  await aBrowser(web).get(link.path)
  await web.close()
  const logged = lines.join('')
  expect(logged).toContain('/a/:token/alert')
  const [, token = ''] = link.path.split('/a/')
  for (const part of [...token.split('.'), 'daymark-', 'Merrin', 'Quillfeather', 'example']) expect(logged).not.toContain(part)
})

test('over https its cookie goes over nothing else', async () => {
  const link = await aSchoolLink()
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 1000,
    version: '0.0.0',
    addRoutes: (app) => linkRoutes(app, { database: link.rig.app, keys: link.rig.keys, now: link.clock.now, secure: true }),
  })
  const { headers } = await web.inject({ method: 'POST', url: link.path })
  expect(headers['set-cookie']).toMatch(/; Secure$/)
  await web.close()
})

test('whoever asks too often is told to wait, on a page', async () => {
  const link = await aSchoolLink()
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 1,
    version: '0.0.0',
    addRoutes: (app) => linkRoutes(app, { database: link.rig.app, keys: link.rig.keys, now: link.clock.now, secure: true }),
  })
  const answers = await Promise.all([1, 2, 3].map(() => web.inject({ url: link.path })))
  const refused = answers.find(({ statusCode }) => statusCode === 429)
  expect(refused?.headers).toMatchObject({ 'retry-after': '1', 'content-type': 'text/html; charset=utf-8' })
  await web.close()
})

test('a form that is longer than any of ours is not read', async () => {
  const link = await aSchoolLink()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const { statusCode } = await link.web.inject({ method: 'POST', url: link.path, headers: form, payload: 'x'.repeat(5_000) })
  expect(statusCode).toBe(413)
  expect((await link.rig.events(link.notification)).map(({ kind }) => kind)).toEqual(['dispatch released'])
})
