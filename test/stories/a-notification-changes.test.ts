import { beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { work } from '../../src/worker.ts'
import { aChangeStory, type ChangeStory } from '../support/changed-notification.ts'
import { aDaymark, type Daymark } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

let daymark: Daymark
let story: ChangeStory

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  story = await aChangeStory(daymark, await loadDirectory(daymark))
})

const version = async (reference: string, number: number, rest: Record<string, unknown> = {}) => ({
  reason: 'Put right by the officer.',
  notification: { ...(await exampleNotification()), policeReference: reference, version: number, ...rest },
})

describe('a newer version', () => {
  test('has the next number and the same reference, and says what is expected', async () => {
    const first = await story.send('n-1')
    const post = async (body: unknown) => story.police.post(`/v1/notifications/${first}/versions`, body)
    const skipped = await post(await version('n-1', 3))
    expect(skipped).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:version-not-next' } })
    expect(skipped.body.detail).toContain('is 2')
    const again = await post(await version('n-1', 1, { parentsInformed: 'no' }))
    expect(again).toMatchObject({ status: 409, body: { type: 'urn:daymark:problem:version-not-next' } })
    const other = await post(await version('n-1-other', 2))
    expect(other).toMatchObject({ status: 400, body: { errors: [{ pointer: '/notification/policeReference' }] } })
  })

  test('sent twice is answered the same, and every fault is named with where it stands', async () => {
    const first = await story.send('n-2')
    const post = async (body: unknown) => story.police.post(`/v1/notifications/${first}/versions`, body)
    const sent = await post(await version('n-2', 2))
    const again = await post(await version('n-2', 2))
    expect(again).toMatchObject({ status: 202, body: { id: sent.body.id, version: 2 } })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    const faulty = await version('n-2', 3, { people: [] })
    const { status, body } = await post({ reason: '', notification: faulty.notification })
    expect(status).toBe(400)
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(expect.arrayContaining(['/reason', '/notification/people']))
  })

  test('is for one’s own alone, and its reason stands in no event', async () => {
    const first = await story.send('n-3')
    const other = await daymark.client('police-elsewhere', ['notifications:write'])
    const body = await version('n-3', 2)
    expect((await other.post(`/v1/notifications/${first}/versions`, body)).status).toBe(404)
    expect((await other.post(`/v1/notifications/${first}/withdrawal`, { reason: 'Mine?' })).status).toBe(404)
    await story.change(first, 'n-3', 2, (edited) => {
      edited.parentsInformed = 'no'
    })
    const { events } = (await story.police.get(`/v1/notifications/${first}/timeline`)).body
    expect(JSON.stringify(events)).not.toContain('Put right')
  })

  test('does not ask a desk the same twice', async () => {
    const first = await story.send('n-4')
    const asked = (await story.read(first)).tasks.filter(
      ({ desk, state }) => desk === 'domestic_abuse_review' && state === 'open',
    )
    expect(asked).toHaveLength(1)
    const second = await story.change(first, 'n-4', 2, (edited) => {
      edited.parentsInformed = 'no'
    })
    expect((await story.read(first)).tasks.find(({ id }) => id === asked[0]?.id)).toMatchObject({ state: 'decided' })
    expect((await story.read(second)).tasks.filter(({ desk }) => desk === 'domestic_abuse_review')).toHaveLength(1)
    const { events } = (await story.police.get(`/v1/notifications/${second}/timeline`)).body
    expect(events.map(({ kind }: { kind: string }) => kind)).toContain('task replaced')
  })

  test('in which an officer renumbers the children recalls nobody', async () => {
    const first = await story.send('n-5')
    await story.collect('school-900101')
    const second = await story.change(first, 'n-5', 2, (edited) => {
      edited.people[2].ref = 'c9'
      edited.people[3].ref = 'c1'
    })
    const { dispatches } = await story.read(second)
    expect(dispatches.filter(({ kind }) => kind === 'recall')).toEqual([])
    expect(dispatches.filter(({ service }) => service === 'education_setting')).toEqual([])
    expect(await story.faults()).toEqual([])
  })
})

describe('before a newer version is triaged', () => {
  test('nobody can collect what the older one says, and nobody is shown it', async () => {
    const alone = await aDaymark({ clock: '2026-10-14T22:30:00Z', worker: false })
    const quiet = await aChangeStory(alone, await loadDirectory(alone))
    const working = await work(readConfig(alone.settings), () => Temporal.Now.instant())
    const first = await quiet.send('q-1')
    await working.stop()
    const waiting = (await quiet.read(first)).dispatches.find(({ recipient }) => recipient.id === 'csc-E06000015')
    const sent = await quiet.police.post(`/v1/notifications/${first}/versions`, await version('q-1', 2))
    expect(sent.status).toBe(202)
    expect(await quiet.collect('csc-E06000015')).toEqual([])
    expect(await quiet.readAgain('csc-E06000015', waiting?.id ?? '')).toMatchObject({ content: { noLongerSo: true } })
    const again = await work(readConfig(alone.settings), () => Temporal.Now.instant())
    await triaged(quiet.police, sent.body.id)
    const own = (await quiet.read(sent.body.id)).dispatches.map(({ id }) => id)
    for (const { id } of await quiet.collect('csc-E06000015')) expect(own).toContain(id)
    await again.stop()
  })
})

describe('a referral by telephone', () => {
  const call = (id: string, service: string, at = '2026-10-14T21:00:00Z') =>
    story.police.post(`/v1/notifications/${id}/telephone-referrals`, { service, spokenTo: 'Duty worker Penrose', at })
  const inLeicester = (body: { incident: { localAuthority: string } }) => {
    body.incident.localAuthority = 'E06000016'
  }

  test('is confirmed by the written referral, which is due no later than the area’s procedure says', async () => {
    const first = await story.send('t-1', inLeicester)
    const referral = () => story.read(first).then(({ dispatches }) => dispatches.find(({ kind }) => kind === 'referral'))
    expect(await referral()).toBeDefined()
    const logged = await call(first, 'childrens_social_care', '2026-10-14T20:10:00Z')
    expect(logged).toMatchObject({ status: 201, body: { service: 'childrens_social_care' } })
    expect((await call(first, 'childrens_social_care', '2026-10-14T20:10:00Z')).status).toBe(201)
    await waitFor('the call is on the timeline once', async () => {
      const { events } = (await story.police.get(`/v1/notifications/${first}/timeline`)).body
      const kinds = events.map(({ kind }: { kind: string }) => kind)
      expect(JSON.stringify(events)).not.toContain('Penrose')
      return kinds.filter((kind: string) => kind === 'telephone referral logged').length === 1
    })
    const { dueBy = '' } = (await referral()) ?? {}
    expect(Temporal.Instant.compare(dueBy, '2026-10-15T20:10:00Z')).toBeLessThanOrEqual(0)
  })

  test('that nothing sent carries is a task, due as the area’s procedure says', async () => {
    const first = await story.send('t-2', inLeicester)
    expect((await call(first, 'specialist_support')).status).toBe(201)
    const task = await waitFor('a desk is asked', async () => {
      const { tasks } = (await story.police.get(`/v1/notifications/${first}`)).body
      return tasks.find(({ question }: { question: string }) => question.includes('Confirm in writing'))
    })
    expect(Temporal.Instant.compare(task.dueBy, '2026-10-15T21:00:00Z')).toBeLessThanOrEqual(0)
  })

  test('on an older version is confirmed by the newer one, which may never have been telephoned about', async () => {
    const first = await story.send('t-4', inLeicester)
    await call(first, 'specialist_support')
    const asked = async (id: string) =>
      waitFor('a desk is asked', async () => {
        const { tasks } = (await story.police.get(`/v1/notifications/${id}`)).body
        return tasks.find(
          ({ question, state }: { question: string; state: string }) =>
            question.includes('Confirm in writing') && state === 'open',
        )
      })
    await asked(first)
    const second = await story.change(first, 't-4', 2, inLeicester)
    expect(Temporal.Instant.compare((await asked(second)).dueBy, '2026-10-15T21:00:00Z')).toBeLessThanOrEqual(0)
  })

  test('before a version that sends the referral makes that due no later than the area’s procedure says', async () => {
    const first = await story.send('t-5', (body) => {
      inLeicester(body)
      body.riskAssessments = body.riskAssessments.map((one: object) => ({ ...one, grade: 'standard', yesCount: 2, answers: {} }))
      body.people = body.people.filter(({ role }: { role: string }) => role !== 'child')
      for (const person of body.people) {
        delete person.pregnant
        delete person.expectedDeliveryDate
        delete person.unborn
      }
    })
    const referral = (id: string) => story.read(id).then(({ dispatches }) => dispatches.find(({ kind }) => kind === 'referral'))
    await call(first, 'childrens_social_care', '2026-10-14T20:10:00Z')
    const second = await story.change(first, 't-5', 2, inLeicester)
    expect(Temporal.Instant.compare((await referral(second))?.dueBy ?? '', '2026-10-15T20:10:00Z')).toBeLessThanOrEqual(0)
  })

  test('is only logged where the procedure names no time, and never ahead of time', async () => {
    const first = await story.send('t-3')
    expect((await call(first, 'specialist_support')).status).toBe(201)
    expect((await call(first, 'specialist_support', '2026-10-20T21:00:00Z')).status).toBe(400)
    const { tasks } = (await story.police.get(`/v1/notifications/${first}`)).body
    expect(JSON.stringify(tasks)).not.toContain('Confirm in writing')
    expect(await story.faults()).toEqual([])
  })
})
