import { expect, test } from 'vitest'
import type { Notification } from '../src/words/notification.ts'
import scenarios from './examples/scenarios.json' with { type: 'json' }
import { aBackground, anEarlierIncident } from './support/builders.ts'
import { account, decided } from './support/decided.ts'

/** What the contract's examples say of each: these are told, these are not, these desks are asked. */
interface Expected {
  dispatched?: { service: string; kind?: string; dueBy?: string }[]
  notDispatched?: string[]
  tasks?: string[]
}

/** JSON gives every text the type `string`; the door has its own test, so here the example is taken as it was written. */
const read = (notification: unknown): Notification => JSON.parse(JSON.stringify(notification))

test.each(scenarios.map((one) => [`${one.id}, ${one.area}: ${one.says}`, one] as const))('%s', (_, scenario) => {
  const notification = read(scenario.notification)
  const matches = notification.people.map(({ ref, role }) => ({ ref, role }))
  const earlier = scenario.previous.map((previous) => {
    const { policeReference, incident } = read(previous)
    return anEarlierIncident({ policeReference, occurredAt: Temporal.Instant.from(incident.occurredAt), matches })
  })
  const { plan, ...rest } = decided(notification, aBackground({ earlier }))
  const { dispatched = [], notDispatched = [], tasks = [] }: Expected = scenario.expect
  for (const wanted of dispatched) {
    const found = plan.dispatches.filter(
      ({ service, kind, dueBy }) =>
        service === wanted.service &&
        (wanted.kind === undefined || kind === wanted.kind) &&
        (wanted.dueBy === undefined || Temporal.Instant.compare(dueBy, wanted.dueBy) === 0),
    )
    expect(found, `${JSON.stringify(wanted)} among ${account({ plan, ...rest }).join('; ')}`).toHaveLength(1)
  }
  expect(plan.dispatches.filter(({ service }) => notDispatched.includes(service))).toEqual([])
  expect(plan.tasks.map(({ desk }) => desk)).toEqual(expect.arrayContaining(tasks))
})
