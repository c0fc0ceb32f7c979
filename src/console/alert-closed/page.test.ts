import { expect, test } from 'vitest'
import { FORCE } from '../../../test/support/delivery-rig.ts'
import { aBrowser, aSchoolLink, wordsOn } from '../../../test/support/school-link.ts'

const refusals = async ({ rig, notification }: Awaited<ReturnType<typeof aSchoolLink>>) =>
  (await rig.events(notification)).filter(({ kind }) => kind === 'link refused').map(({ body }) => JSON.parse(body).detail.why)

test('a link that was opened elsewhere says whom to ring, shows nothing, and is on record once an hour', async () => {
  const link = await aSchoolLink()
  const contacts = [{ name: 'C. Fernsby', role: 'duty', phone: '01632 960 001' } as const]
  await link.rig.addRecipient(
    { id: 'cp-zz', channel: { kind: 'pull_queue' }, service: 'police_child_protection', agency: FORCE, contacts },
    link.clock.now(),
  )
  await link.browser.press(link.path)
  for (const path of [link.path, `${link.path}/alert`, `${link.path}/answers`]) {
    const other = await aBrowser(link.web).get(path)
    expect(other.status).toBe(403)
    expect(wordsOn(other)).toContain('This link has been opened already')
    expect(wordsOn(other)).toContain('01632 960 001')
    expect(wordsOn(other)).toContain(link.dispatch)
    expect(other.html).not.toMatch(/Merrin|Quillfeather|Fernsby|<button/)
  }
  expect((await aBrowser(link.web).press(link.path)).status).toBe(403)
  expect((await aBrowser(link.web).press(`${link.path}/answers/acknowledged`)).status).toBe(403)
  expect(await refusals(link)).toEqual(['opened elsewhere'])
  link.clock.moveBy({ hours: 1 })
  await aBrowser(link.web).get(link.path)
  expect(await refusals(link)).toEqual(['opened elsewhere', 'opened elsewhere'])
})

test('two browsers that open a link at once: one sees it', async () => {
  const link = await aSchoolLink()
  const pressed = await Promise.all(
    [aBrowser(link.web), aBrowser(link.web), aBrowser(link.web)].map((browser) => browser.press(link.path)),
  )
  expect(pressed.map(({ status }) => status).toSorted()).toEqual([200, 403, 403])
})

test('without a duty telephone it says how to reach the police all the same', async () => {
  const link = await aSchoolLink()
  await link.browser.press(link.path)
  expect(wordsOn(await aBrowser(link.web).get(link.path))).toContain('101')
})

test('a link ends with the life of its alert', async () => {
  const link = await aSchoolLink()
  link.clock.moveBy({ hours: 12 + 75 })
  const ended = await link.browser.get(link.path)
  expect({ status: ended.status, says: wordsOn(ended) }).toMatchObject({
    status: 410,
    says: expect.stringContaining('This link has ended'),
  })
  expect((await link.browser.press(link.path)).status).toBe(410)
  expect(await refusals(link)).toEqual(['ended'])
})

test('a token that is not ours leads nowhere, whatever part of it was changed', async () => {
  const link = await aSchoolLink()
  const [id = '', signature = ''] = link.path.slice('/a/'.length).split('.')
  const other = (await link.another('deputy')).slice('/a/'.length).split('.')
  const turned = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  for (const token of [
    `${id}.${turned}`,
    `${other[0]}.${signature}`,
    `${id}.${other[1]}`,
    id,
    'x',
    `${id}.`,
    `${id}.${signature}A`,
    encodeURIComponent('../../etc'),
  ]) {
    const nowhere = await link.browser.get(`/a/${token}`)
    expect({ token, status: nowhere.status }).toEqual({ token, status: 404 })
    expect(wordsOn(nowhere)).toContain('This link leads nowhere')
  }
  expect(await refusals(link)).toEqual([])
})

test('a link whose row was turned to another dispatch opens nothing', async () => {
  const link = await aSchoolLink()
  const other = await link.rig.store([{ recipientId: link.recipient }], { at: link.clock.now() })
  await link.rig.worker.query('update link set dispatch_id = $1', [other.ids[0]])
  expect((await link.browser.press(link.path)).status).toBe(404)
})

test.each([
  ['held', `state = 'held', return_reason = 'not_ours'`, 409, 'A person is settling'],
  ['held from the start', `state = 'held', hold_reason = 'conflict_ring_contact'`, 409, 'A person is settling'],
  ['withdrawn', `state = 'withdrawn', next_at = null`, 410, 'This was taken back'],
  ['changing', 'changing = true', 410, 'Look for a newer e-mail'],
])('an alert that is %s is not shown, at a link that is opened or not', async (_what, set, status, says) => {
  const link = await aSchoolLink()
  const unopened = await link.another()
  await link.browser.press(link.path)
  await link.rig.worker.query(`update dispatch set ${set} where id = $1`, [link.dispatch])
  for (const path of [unopened, `${link.path}/alert`]) {
    const closed = await link.browser.get(path)
    expect({ status: closed.status, says: wordsOn(closed) }).toMatchObject({ status, says: expect.stringContaining(says) })
    expect(closed.html).not.toContain('Merrin')
  }
  expect((await link.browser.press(`${link.path}/answers/acknowledged`)).status).toBe(status)
})

test('what cannot be opened is a page that says it still waits, and quotes nothing', async () => {
  const link = await aSchoolLink()
  await link.browser.press(link.path)
  await link.rig.worker.query(`update dispatch set content = '\\x00' where id = $1`, [link.dispatch])
  const fault = await link.browser.get(`${link.path}/alert`)
  expect(fault.status).toBe(500)
  expect(wordsOn(fault)).toContain('What was waiting is still waiting')
})
