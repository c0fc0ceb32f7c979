/** So many sends of this age to one recipient, and it gets no more until some have ended. */
const SLOW_SENDS_MAX = 8
const SLOW_MS = 2_000

/**
 * Knows which recipients are slow, so that one school that hangs cannot hold every sender and with them every other school.
 * What it would have had stays due, and is looked at again within seconds. A quick school has no such limit.
 */
export function watchSends() {
  const sends = new Set<{ recipient: string; since: Temporal.Instant }>()
  return {
    /** @returns what to call when the send has ended */
    began: (recipient: string, since: Temporal.Instant): (() => void) => {
      const send = { recipient, since }
      sends.add(send)
      return () => void sends.delete(send)
    },
    slowRecipients: (at: Temporal.Instant): string[] => {
      const slow = new Map<string, number>()
      for (const { recipient, since } of sends) {
        if (at.epochMilliseconds - since.epochMilliseconds >= SLOW_MS) slow.set(recipient, (slow.get(recipient) ?? 0) + 1)
      }
      return [...slow].filter(([, count]) => count >= SLOW_SENDS_MAX).map(([recipient]) => recipient)
    },
  }
}

/** Lets `most` pieces of work run at one time; the rest wait their turn. */
export function openSlots(most: number) {
  const waiting: (() => void)[] = []
  const running = new Set<Promise<void>>()
  let taken = 0
  async function inSlot(work: () => Promise<void>): Promise<void> {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else taken += 1
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else taken -= 1
    }
  }
  return {
    run: (work: () => Promise<void>): Promise<void> => {
      const done = inSlot(work).finally(() => running.delete(done))
      running.add(done)
      return done
    },
    empty: async (): Promise<void> => {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
