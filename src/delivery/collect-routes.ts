import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { loggedFault } from '../access/logged-fault.ts'
import { notFound, refusals } from '../access/problems.ts'
import type { QueueRoom } from './acknowledge.ts'
import { type Collected, collect } from './collect.ts'
import { collectBody, collectedBody, queueParams } from './queue-bodies.ts'
import { waitingInQueues } from './queue-waiting-store.ts'
import { watchQueues } from './queue-watch.ts'

/** Collecting from a pull queue, at once or as soon as there is something (contract §4). */
export function collectRoutes(app: App, deps: QueueRoom & { access: Access }): void {
  const { access, database, now } = deps
  const watch = watchQueues(
    (queues, most) => waitingInQueues(database, queues, now(), most),
    (fault) => app.log.error({ fault: loggedFault(fault) }, 'the queues could not be looked at for those who wait'),
  )
  // Before the server waits for what is under way: whoever waits would hold it up.
  app.addHook('preClose', async () => watch.close())
  app.post(
    '/v1/queues/:queueId/collect',
    {
      onRequest: access.demand('dispatches:collect'),
      schema: {
        tags: ['Pull queues'],
        summary: 'Collect the most urgent dispatches, with what they say',
        description:
          'Highest victim risk first, then soonest due. Nobody else is given them until their lease ends; acknowledge each before then. ' +
          'With waitSeconds an empty queue is not answered until something comes or the time is up.',
        params: queueParams,
        body: collectBody,
        // Written as it was sealed: what a dispatch says is not read again on the way out.
        response: {
          200: { description: 'What was leased', content: { 'application/json': { schema: collectedBody } } },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const { waitSeconds } = request.body
      const over = waitSeconds > 0 ? AbortSignal.any([goneSignal(reply), AbortSignal.timeout(waitSeconds * 1000)]) : null
      const collected = await collectWithin(() => collect(deps, access.clientOf(request), request.params.queueId, request.body), {
        found: async () => over !== null && (await watch.wait(request.params.queueId, over)),
      })
      if (!collected) throw notFound('queue')
      for (const fault of collected.faults)
        request.log.error({ fault: loggedFault(fault), requestId: request.id }, 'what a dispatch says cannot be opened')
      // It was busy when the server closed those that were idle: kept alive it would hold up the end.
      if (watch.stopped()) reply.header('connection', 'close')
      return sendJson(reply, collected.body)
    },
  )
}

/** Somebody was faster, or what woke us stood under a lock: looked for again, after a moment that spares a busy queue. */
const AGAIN_MS = 50

/** Collects, and where there is nothing waits until something is found. @param once one collect, in a transaction of its own */
async function collectWithin(
  once: () => Promise<Collected | null>,
  { found }: { found: () => Promise<boolean> },
): Promise<Collected | null> {
  for (;;) {
    const collected = await once()
    // What cannot be opened is told at once. And when nobody is there any more, nothing is leased: it would keep a child's
    // dispatch from everybody else.
    if (!collected || collected.count > 0 || collected.faults.length > 0 || !(await found())) return collected
    await pause(AGAIN_MS)
  }
}

/** Aborts when the caller hangs up. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

/** Sends what is JSON already. */
function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
