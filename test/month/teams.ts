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

/** A team that collects while it is there, says that it has it, and sometimes gives one back. */
export function aTeam(
  call: Caller,
  queue: string,
  { chance, away }: { chance: Chance; away: (at: Temporal.Instant) => boolean },
): AtWork {
  return {
    turn: async (at) => {
      const hour = londonHour(at)
      const dutyTeam = queue === 'edt' || queue === 'police-cp'
      if (away(at) || (!dutyTeam && (hour < 8 || hour >= 18))) return
      const answer = await call('POST', `/v1/queues/${queue}/collect`, { max: 100, leaseSeconds: 900 })
      expectDone('Collecting', answer)
      for (const { id, kind, lease } of answer.body.dispatches) {
        if (kind !== 'recall' && chance.often(0.004)) {
          expectDone('Returning', await call('POST', `/v1/dispatches/${id}/return`, { reason: 'not_ours' }))
        } else {
          expectDone(
            'Acknowledging',
            await call('POST', `/v1/dispatches/${id}/acknowledgement`, { leaseToken: lease.token, by: 'duty worker' }),
          )
        }
      }
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
      for (const [id, school] of waiting) {
        // Some are ill, some do not look; the rest of the story is the deputy's and the directory desk's.
        if (!chance.often(hour < 9 ? 0.6 : 0.15)) continue
        const call = calls.get(school)
        if (!call) throw new Error(`School ${school} has no key adult`)
        const answer = await call('POST', `/v1/dispatches/${id}/acknowledgement`, { by: 'key adult' })
        // What was replaced or recalled meanwhile cannot be acknowledged any more, and says so.
        expectDone('Acknowledging', answer, 409)
        waiting.delete(id)
      }
    },
  }
}

/** People at one desk: they decide what waits, highest risk first, and leave a few lying, as people do. */
export function aDesk(call: Caller, desk: string, chance: Chance): AtWork {
  const left = new Set<string>()
  return {
    turn: async (at) => {
      const hour = londonHour(at)
      if (hour < 8 || hour >= 20) return
      const list = await call('GET', `/v1/tasks?desk=${desk}&state=open&limit=200`)
      expectDone('The list', list)
      for (const { id, victimRisk } of list.body.tasks) {
        if (left.has(id)) continue
        if (chance.often(0.01)) {
          left.add(id)
          continue
        }
        const decision =
          desk === 'directory'
            ? 'resolve'
            : victimRisk === 'high' || victimRisk === 'not_graded'
              ? 'resolve'
              : 'no_further_action'
        expectDone(
          'Deciding',
          await call('POST', `/v1/tasks/${id}/decision`, { decision, rationale: 'Looked at, and nothing more is needed.' }),
          409,
        )
      }
    },
  }
}
