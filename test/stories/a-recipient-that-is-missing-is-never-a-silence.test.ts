import { beforeAll, expect, test } from 'vitest'
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let police: TestClient
let operator: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  operator = await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
})

/** The example, with the first child at a school of the given number. */
async function send(reference: string, urn: string): Promise<string> {
  const body = await exampleNotification()
  body.people[2].education = { status: 'on_roll', urns: [urn] }
  return (await police.post('/v1/notifications', { ...body, policeReference: reference })).body.id
}

const school = (urn: string) => ({
  service: 'education_setting',
  name: 'Bramblewick School',
  urn,
  channel: { kind: 'pull_queue' },
})

test('a school nobody knows is a task with the school’s own deadline, and the rest are told meanwhile', async () => {
  const decided = await triaged(police, await send('m-1', '900777'))
  const services = decided.dispatches.map(({ service }: { service: string }) => service)
  expect(services).toContain('childrens_social_care')
  expect(services).not.toContain('education_setting')
  const task = decided.tasks.find(({ desk }: { desk: string }) => desk === 'directory')
  expect(Temporal.Instant.from(task.dueBy).toString()).toBe('2026-10-15T07:45:00Z')
  expect(task).toMatchObject({ agency: 'operator', about: ['c1'] })
  const { body } = await operator.get('/v1/audit/completeness')
  expect(body.faults).toEqual([])
  expect(Object.values(body.notSent)).toEqual([1])
})

test('once the school stands in the directory it is told, without anybody sending again', async () => {
  const id = await send('m-2', '900778')
  await triaged(police, id)
  expect((await operator.put('/v1/directory/recipients/school-900778', school('900778'))).status).toBe(201)
  const alert = await waitFor('the school is told', async () => {
    const { dispatches } = (await police.get(`/v1/notifications/${id}`)).body
    return dispatches.find(({ service }: { service: string }) => service === 'education_setting') ?? null
  })
  expect(alert).toMatchObject({ recipient: { id: 'school-900778' }, state: 'released' })
})

test('a notification that is triaged again and decided as before adds nothing to its timeline', async () => {
  const id = await send('m-4', '900780')
  await triaged(police, id)
  const events = async () => (await police.get(`/v1/notifications/${id}/timeline`)).body.events.length
  const before = await events()
  for (const number of [1, 2, 3]) {
    const other = { ...school(`90079${number}`), urn: `90079${number}` }
    expect((await operator.put(`/v1/directory/recipients/school-90079${number}`, other)).status).toBe(201)
  }
  const told = { ...school('900780'), name: 'Withywell School' }
  expect((await operator.put('/v1/directory/recipients/school-900780', told)).status).toBe(201)
  await waitFor('the school is told at last', async () => {
    const { dispatches } = (await police.get(`/v1/notifications/${id}`)).body
    return dispatches.some(({ service }: { service: string }) => service === 'education_setting')
  })
  // Of the four triages that followed, one found something new: that it was, whom it told, and nothing else.
  expect((await events()) - before).toBeLessThanOrEqual(3)
})

test('a school that is written while notifications are being triaged is told by every one of them', async () => {
  const sending = Promise.all(Array.from({ length: 40 }, (_, i) => send(`m-3-${i}`, '900779')))
  const writing = operator.put('/v1/directory/recipients/school-900779', school('900779'))
  const ids = await sending
  expect((await writing).status).toBe(201)
  for (const id of ids) {
    await waitFor(`${id} tells the school`, async () => {
      const { dispatches } = (await police.get(`/v1/notifications/${id}`)).body
      return dispatches.some(({ service }: { service: string }) => service === 'education_setting')
    })
  }
})
