import type { Receiver } from '../support/receiver.ts'
import type { Chance } from './chance.ts'
import { isWeekend, londonHour } from './month-clock.ts'
import type { Answered, Caller } from './service.ts'

/** Somebody who does their part of the work when the hour has come. */
export interface AtWork {
  turn: (at: Temporal.Instant) => Promise<void>
}

function expectDone(what: string, { status, body }: Answered, ...allowed: number[]): void {
  if (![200, ...allowed].includes(status)) throw new Error(`${what} was answered ${status}: ${JSON.stringify(body)}`)
}

/** Several people at once, as in a real team; ten are as many as a desk has. */
export async function together<T>(items: readonly T[], each: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items]
  const person = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await each(item)
  }
  await Promise.all(Array.from({ length: Math.min(10, left.length) }, person))
}

/** When a team looks into its queue: an emergency duty team at any hour, a desk by day, a small service twice a day. */
export type Shift = 'any hour' | 'by day' | 'twice a day'

const atWork: Record<Shift, (hour: number) => boolean> = {
  'any hour': () => true,
  'by day': (hour) => hour >= 8 && hour < 18,
  'twice a day': (hour) => hour === 8 || hour === 15,
}

/** A team that collects while it is there, says that it has it, and sometimes gives one back. */
export function aTeam(
  call: Caller,
  queue: string,
  { chance, shift, away }: { chance: Chance; shift: Shift; away: (at: Temporal.Instant) => boolean },
): AtWork {
  return {
    turn: async (at) => {
      if (away(at) || !atWork[shift](londonHour(at))) return
      const answer = await call('POST', `/v1/queues/${queue}/collect`, { max: 100, leaseSeconds: 900 })
      expectDone('Collecting', answer)
      const collected: { id: string; kind: string; lease: { token: string } }[] = answer.body.dispatches
      const answers = collected.map(({ id, kind, lease }) =>
        kind !== 'recall' && chance.often(0.004)
          ? { path: `/v1/dispatches/${id}/return`, body: { reason: 'not_ours' } }
          : { path: `/v1/dispatches/${id}/acknowledgement`, body: { leaseToken: lease.token, by: 'duty worker' } },
      )
      await together(answers, async ({ path, body }) => expectDone(path, await call('POST', path, body)))
    },
  }
}

/** The key adults of every school that is called: on a school morning most of them say that they have read it. */
export function keyAdults(receiver: Receiver, calls: ReadonlyMap<string, Caller>, chance: Chance): AtWork {
  let heard = 0
  const waiting = new Map<string, string>()
  return {
    turn: async (at) => {
      for (const { headers, path } of receiver.received.slice(heard)) {
        const id = headers['webhook-id']
        if (id !== undefined) waiting.set(id, path.split('/').at(-1) ?? '')
      }
      heard = receiver.received.length
      const hour = londonHour(at)
      if (isWeekend(at) || hour < 7 || hour > 16) return
      // Some are ill, some do not look; the rest of the story is the deputy's and the directory desk's.
      const read = [...waiting].filter(() => chance.often(hour < 9 ? 0.6 : 0.15))
      await together(read, async ([id, school]) => {
        const call = calls.get(school)
        if (!call) throw new Error(`School ${school} has no key adult`)
        const answer = await call('POST', `/v1/dispatches/${id}/acknowledgement`, { by: 'key adult' })
        // What was replaced or recalled meanwhile cannot be acknowledged any more, and says so.
        expectDone('Acknowledging', answer, 409)
        waiting.delete(id)
      })
    },
  }
}

/**
 * People at one desk: they decide what waits, highest risk first, and leave a few lying, as people do. Where a decision wants a second
 * person, a colleague looks at it in the same hour.
 */
export function aDesk([first, colleague]: readonly [Caller, Caller], desk: string, chance: Chance): AtWork {
  const left = new Set<string>()
  return {
    turn: async (at) => {
      const hour = londonHour(at)
      if (hour < 8 || hour >= 20) return
      const list = await first('GET', `/v1/tasks?desk=${desk}&state=open&limit=200`)
      expectDone('The list', list)
      const tasks: { id: string; victimRisk: string | null }[] = list.body.tasks
      const fresh = tasks.filter(({ id }) => !left.has(id))
      for (const { id } of fresh) if (chance.often(0.01)) left.add(id)
      const taken = fresh.filter(({ id }) => !left.has(id))
      await together(taken, async ({ id, victimRisk }) => {
        // Nobody here mends the directory; what is said to be mended and is not would be asked again every hour.
        const cautious = desk !== 'directory' && (victimRisk === 'high' || victimRisk === 'not_graded')
        const decision = cautious ? 'resolve' : 'no_further_action'
        const body = { decision, rationale: 'Looked at, and nothing more is needed.' }
        const path = `/v1/tasks/${id}/decision`
        // What a newer version or a withdrawal closed meanwhile says so.
        const answer = await first('POST', path, body)
        expectDone('Deciding', answer, 409)
        if (answer.status === 200 && answer.body.state === 'open') expectDone('Agreeing', await colleague('POST', path, body))
      })
    },
  }
}
