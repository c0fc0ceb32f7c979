import { expect } from 'vitest'
import type { Scope } from '../../src/access/scopes.ts'
import { type Answered, aDaymark, type Daymark, type TestClient } from './daymark.ts'
import { exampleNotification, loadDirectory, triaged } from './story.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test edits the body it sends as a person would edit a form
export type Edit = (body: any) => void

/** A task as a list or a reading shows it, as far as the tests look. */
export interface TestTask {
  id: string
  desk: string
  notification: string
  state: string
  victimRisk: string
  dueBy: string
  overdue: boolean
  claimedBy: string | null
  proposed: { decision: string; by: string; at: string } | null
  questions: { question: string; about: string[]; rules: string[] }[]
}

/** What the desk suites share: the service, a force that sends, and people of its desks. */
export interface DeskStory {
  daymark: Daymark
  police: TestClient
  operator: TestClient
  /** A person of an agency's desks. */
  reviewer: (agency?: string, more?: readonly Scope[]) => Promise<TestClient>
  /** Sends the example notification, changed, and waits until it is triaged. */
  send: (reference: string, edit?: Edit) => Promise<string>
  /** The open task of a notification on a desk. */
  taskOf: (notification: string, desk: string) => Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what came over the wire
  read: (notification: string) => Promise<any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  events: (notification: string, kind: string) => Promise<any[]>
}

export const FORCE = 'police-derbyshire'
export const RATIONALE = 'The school nurse and the officer were spoken to, and both agree.'
export const READING = { 'daymark-purpose': 'to decide it' }

/** Reads a task as somebody about to decide it. */
export const readTask = (client: TestClient, id: string): Promise<Answered> => client.get(`/v1/tasks/${id}`, READING)

export async function aDeskStory(
  options: Parameters<typeof aDaymark>[0] = { clock: '2026-10-14T22:30:00Z' },
): Promise<DeskStory> {
  const daymark = await aDaymark(options)
  const operator = await loadDirectory(daymark)
  const police = await daymark.client(FORCE, ['notifications:write', 'notifications:read'])
  const read: DeskStory['read'] = async (id) => (await police.get(`/v1/notifications/${id}`)).body
  return {
    daymark,
    police,
    operator,
    reviewer: (agency = FORCE, more = []) => daymark.client(agency, ['desk:decide', ...more]),
    send: async (reference, edit = () => {}) => {
      const body = { ...(await exampleNotification()), policeReference: reference }
      edit(body)
      const answer = await police.post('/v1/notifications', body)
      expect(answer.status, JSON.stringify(answer.body)).toBe(202)
      await triaged(police, answer.body.id)
      return answer.body.id
    },
    taskOf: async (notification, desk) => {
      const { tasks } = await read(notification)
      const task = tasks.find((one: TestTask) => one.desk === desk && one.state !== 'decided')
      expect(task, `${desk} of ${JSON.stringify(tasks.map((one: TestTask) => [one.desk, one.state]))}`).toBeDefined()
      return task.id
    },
    read,
    events: async (notification, kind) => {
      const { body } = await police.get(`/v1/notifications/${notification}/timeline`)
      return body.events.filter((event: { kind: string }) => event.kind === kind)
    },
  }
}

/** Another grade, and with it another place in the list. */
export const graded =
  (grade: string, yesCount = 4): Edit =>
  (body) => {
    body.riskAssessments[0] = { ...body.riskAssessments[0], grade, yesCount }
  }
