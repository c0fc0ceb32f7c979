import { beforeAll, describe, expect, test } from 'vitest'
import scenarios from '../examples/scenarios.json' with { type: 'json' }
import { aDaymark, type TestClient } from '../support/daymark.ts'
import { loadDirectory, matches, triaged } from '../support/story.ts'

let police: TestClient

beforeAll(async () => {
  const daymark = await aDaymark({ clock: '2026-11-04T20:30:00Z' })
  await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
})

interface Expected {
  dispatched?: Record<string, unknown>[]
  notDispatched?: string[]
  tasks?: string[]
}

describe('Derby and Derbyshire, over HTTP', () => {
  for (const { id, says, previous, notification, expect: expected } of scenarios.filter(({ area }) => area === 'derby')) {
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
