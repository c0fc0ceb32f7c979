import { openAccess } from '../../src/access/access.ts'
import type { App } from '../../src/access/app.ts'
import { queueRoutes } from '../../src/delivery/queue-routes.ts'
import { buildWeb } from '../../src/web.ts'
import type { Clock } from '../../src/words/clock.ts'
import type { DeliveryRig } from './delivery-rig.ts'

/** The recipients' side of the API on a rig's database, without a port. Whoever opens it closes it. */
export function aQueueApi({ app, keys }: Pick<DeliveryRig, 'app' | 'keys'>, now: Clock): Promise<App> {
  return buildWeb({
    logger: false,
    requestsPerSecondMax: 100_000,
    version: 'test',
    addRoutes: (to) => queueRoutes(to, { access: openAccess(app.kysely, now), database: app, keys, now }),
  })
}
