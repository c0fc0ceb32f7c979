import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'

/** What a team says came of what it has, of the closed list for its service. */
export interface TeamOutcome {
  code: string
  note: string
}

/** A dispatch as a team collects it, as far as a pretend team reads it. */
export interface Collected {
  id: string
  kind: string
  about: string[]
  victimRisk: string
  dueBy: string
  content: Record<string, unknown>
  lease: { token: string }
}

const COLLECT_EVERY_MS = 150
const COLLECT = { max: 25, leaseSeconds: 60 }

/**
 * A pretend team at work: it collects what waits in its queue, reads it, says that it has it and, where it has an answer, what
 * came of it, over and over, as a case system does.
 * @returns how to send it home, after what it holds is acknowledged; twice is the same as once
 */
export function startTeam(options: {
  client: ApiClient
  queueId: string
  /** Null: it says nothing tonight. */
  outcome: TeamOutcome | null
  collected: (dispatch: Collected) => void
  failed: (fault: unknown) => void
}): () => Promise<void> {
  const { client, queueId, outcome, collected, failed } = options
  const stop = new AbortController()
  const round = async () => {
    const { dispatches } = await client.post<{ dispatches: Collected[] }>(`/v1/queues/${queueId}/collect`, COLLECT)
    for (const dispatch of dispatches) {
      const body = { leaseToken: dispatch.lease.token, by: 'duty worker' }
      await client.post(`/v1/dispatches/${dispatch.id}/acknowledgement`, body)
      if (outcome) await client.post(`/v1/dispatches/${dispatch.id}/outcome`, outcome)
      collected(dispatch)
    }
  }
  const atWork = (async () => {
    while (!stop.signal.aborted) {
      await round()
      await pause(COLLECT_EVERY_MS, undefined, { signal: stop.signal, ref: false }).catch(() => {})
    }
  })().catch(failed)
  return async () => {
    stop.abort()
    await atWork
  }
}
