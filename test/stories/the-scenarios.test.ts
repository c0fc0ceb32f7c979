import { beforeAll, describe, expect, test } from 'vitest'
import scenarios from '../examples/scenarios.json' with { type: 'json' }
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { loadDirectory, matches, triaged } from '../support/story.ts'

let daymark: Daymark

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-11-04T20:30:00Z' })
  await loadDirectory(daymark)
})

interface Expected {
  dispatched?: Record<string, unknown>[]
  notDispatched?: string[]
  tasks?: string[]
}

/** Which force sends from where is of no account to a procedure: the authority of the incident alone picks it. */
describe.each([...new Set(scenarios.map(({ area }) => area))])('%s, over HTTP', (area) => {
  let police: TestClient
  beforeAll(async () => {
    police = await daymark.client(`police-${area}`, ['notifications:write', 'notifications:read'])
  })

  for (const { id, says, previous, notification, expect: expected } of scenarios.filter((one) => one.area === area)) {
    test(`${id}: ${says}`, async () => {
      for (const earlier of previous) await triaged(police, (await police.post('/v1/notifications', earlier)).body.id)
      const sent = await police.post('/v1/notifications', notification)
      expect(sent.status, JSON.stringify(sent.body)).toBe(202)
      const decided = await triaged(police, sent.body.id)
      const { dispatched = [], notDispatched = [], tasks = [] }: Expected = expected
      for (const wanted of dispatched) {
        expect(
          decided.dispatches.filter((one: Record<string, unknown>) => matches(one, wanted)),
          JSON.stringify(wanted),
        ).not.toEqual([])
      }
      const services = decided.dispatches.map(({ service }: { service: string }) => service)
      for (const service of notDispatched) expect(services).not.toContain(service)
      const desks = decided.tasks.map(({ desk }: { desk: string }) => desk)
      for (const desk of tasks) expect(desks).toContain(desk)
    })
  }
})
