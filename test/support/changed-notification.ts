import { expect } from 'vitest'
import type { Daymark, TestClient } from './daymark.ts'
import type { Receiver } from './receiver.ts'
import { exampleNotification, triaged } from './story.ts'
import { waitFor } from './wait-for.ts'

/** A dispatch as the force reads it. */
export interface TestDispatch {
  id: string
  kind: string
  service: string
  state: string
  dueBy: string
  recipient: { id: string }
}

/** What one recipient collected or was called with. */
export interface TestContent {
  id: string
  kind: string
  content: Record<string, unknown>
}

/** A story about what changes after somebody was told. */
export interface ChangeStory {
  police: TestClient
  operator: TestClient
  send: (reference: string, change?: Edit) => Promise<string>
  /** Posts the next version of what `send` sent, and waits until it is triaged. */
  change: (id: string, reference: string, version: number, change: Edit) => Promise<string>
  read: (
    id: string,
  ) => Promise<{ state: string; dispatches: TestDispatch[]; tasks: { id: string; desk: string; state: string }[] }>
  /** Collects all there is in a queue; what was collected before is not collected again within an hour. */
  collect: (recipient: string) => Promise<TestContent[]>
  /** Reads a dispatch again, as its recipient. */
  readAgain: (recipient: string, id: string) => Promise<unknown>
  acknowledge: (recipient: string, id: string) => Promise<number>
  faults: () => Promise<unknown[]>
}

// biome-ignore lint/suspicious/noExplicitAny: a test edits the body it sends as a person would edit a form
export type Edit = (body: any) => void

const same: Edit = () => {}

export async function aChangeStory(daymark: Daymark, operator: TestClient): Promise<ChangeStory> {
  const police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  const clients = new Map<string, TestClient>()
  const clientOf = async (agency: string) => {
    const known = clients.get(agency) ?? (await daymark.client(agency, ['dispatches:collect']))
    clients.set(agency, known)
    return known
  }
  const body = async (reference: string, version: number, edit: Edit) => {
    const whole = { ...(await exampleNotification()), policeReference: reference, version }
    edit(whole)
    return whole
  }
  return {
    police,
    operator,
    send: async (reference, edit = same) => {
      const answer = await police.post('/v1/notifications', await body(reference, 1, edit))
      expect(answer.status, JSON.stringify(answer.body)).toBe(202)
      await triaged(police, answer.body.id)
      return answer.body.id
    },
    change: async (id, reference, version, edit) => {
      const notification = await body(reference, version, edit)
      const answer = await police.post(`/v1/notifications/${id}/versions`, { reason: 'Put right by the officer.', notification })
      expect(answer.status, JSON.stringify(answer.body)).toBe(202)
      await triaged(police, answer.body.id)
      return answer.body.id
    },
    read: async (id) => (await police.get(`/v1/notifications/${id}`)).body,
    collect: async (recipient) => {
      const answer = await (await clientOf(recipient)).post(`/v1/queues/${recipient}/collect`, { max: 100, leaseSeconds: 3600 })
      expect(answer.status, JSON.stringify(answer.body)).toBe(200)
      return answer.body.dispatches
    },
    readAgain: async (recipient, id) =>
      (await (await clientOf(recipient)).get(`/v1/dispatches/${id}`, { 'daymark-purpose': 'looking again' })).body,
    acknowledge: async (recipient, id) =>
      (await (await clientOf(recipient)).post(`/v1/dispatches/${id}/acknowledgement`, { by: 'duty' })).status,
    faults: async () => (await operator.get('/v1/audit/completeness')).body.faults,
  }
}

/** Makes a school a webhook of its own. */
export async function asWebhook(operator: TestClient, urn: string, name: string, school: Receiver): Promise<void> {
  const written = await operator.put(`/v1/directory/recipients/school-${urn}`, {
    service: 'education_setting',
    name,
    urn,
    channel: { kind: 'webhook', url: school.url },
  })
  expect(written.status, JSON.stringify(written.body)).toBe(200)
  school.trust(written.body.secret)
}

/** What a school was called with about one police reference, once there are so many calls. */
export async function calls(school: Receiver, reference: string, atLeast: number): Promise<TestContent[]> {
  const about = () =>
    school.received.flatMap(({ body }): TestContent[] => {
      const event: { id: string; data: Record<string, unknown> } = JSON.parse(body)
      return event.data.policeReference === reference
        ? [{ id: event.id, kind: String(event.data.kind), content: event.data }]
        : []
    })
  return waitFor(`the school is called ${atLeast} times about ${reference}`, () => (about().length >= atLeast ? about() : null))
}
