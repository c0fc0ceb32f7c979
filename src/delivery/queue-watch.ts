/** Who waits for a queue to have something, and how they are woken. */
export interface QueueWatch {
  /**
   * Waits until there may be something to collect, and says so; false when it is `over`, because the time is up or the caller has
   * gone, when this process stops, and at once where too many wait already.
   */
  wait: (queueId: string, over: AbortSignal) => Promise<boolean>
  /** This process stops: whoever is answered now must not keep its connection. */
  stopped: () => boolean
  /** Lets everybody go, empty-handed. Nobody waits from then on. */
  close: () => void
}

/** Callers one process lets wait; the next is answered at once, as if it had not asked to wait. */
const WAITERS_MAX = 2_000
const LOOK_EVERY_MS = 200
/** Waiters of one queue that one look can wake: more would find it empty again. */
const WOKEN_MAX = 100

interface Waiter {
  queueId: string
  end: (found: boolean) => void
}

/**
 * Watches queues for those who wait: one cheap statement a look for all of them together, and none while nobody waits. No
 * connection and no transaction is held meanwhile. A queue that has two dispatches wakes two of its waiters, the longest waiting first.
 * @param look how many could be collected from each of these queues, up to `most` each
 * @param faulted hears of a look that failed; the next one comes all the same
 */
export function watchQueues(
  look: (queues: readonly string[], most: number) => Promise<ReadonlyMap<string, number>>,
  faulted: (fault: unknown) => void,
): QueueWatch {
  const waiters = new Set<Waiter>()
  let timer: NodeJS.Timeout | null = null
  let closed = false

  function lookAgain(): void {
    if (timer !== null || closed || waiters.size === 0) return
    timer = setTimeout(async () => {
      try {
        wake(await look([...new Set([...waiters].map(({ queueId }) => queueId))], WOKEN_MAX))
      } catch (fault) {
        faulted(fault)
      }
      timer = null
      lookAgain()
    }, LOOK_EVERY_MS)
  }

  function wake(waiting: ReadonlyMap<string, number>): void {
    const left = new Map(waiting)
    for (const waiter of waiters) {
      const some = left.get(waiter.queueId) ?? 0
      if (some > 0) waiter.end(true)
      left.set(waiter.queueId, some - 1)
    }
  }

  return {
    wait: (queueId, over) => {
      if (closed || over.aborted || waiters.size >= WAITERS_MAX) return Promise.resolve(false)
      return new Promise((resolve) => {
        const waiter: Waiter = {
          queueId,
          end: (found) => {
            over.removeEventListener('abort', leave)
            waiters.delete(waiter)
            resolve(found)
          },
        }
        const leave = () => waiter.end(false)
        over.addEventListener('abort', leave)
        waiters.add(waiter)
        lookAgain()
      })
    },
    stopped: () => closed,
    close: () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      for (const waiter of [...waiters]) waiter.end(false)
    },
  }
}
