import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, conflict, notFound, refusals } from '../access/problems.ts'
import { purposeHeaders, purposeOfPerson } from '../access/purpose.ts'
import { againWhenInTheWay } from '../database/again.ts'
import { type Lifted, liftFrom, listRestrictions, type ReadRestriction, type RestrictionRoom } from './lift-restriction.ts'

const TAG = 'Restrictions'
const at = () => z.string().describe('RFC 3339, UTC')

const restrictionBody = z
  .object({
    id: z.string(),
    notification: z.string(),
    policeReference: z.string(),
    version: z.int(),
    kind: z.enum(['must_not_receive', 'address_protected', 'school_name_protected']),
    personRef: z.string().nullable().describe('Null: everyone on the notification who stands with the family'),
    recipientId: z.string().nullable(),
    urn: z.string().nullable(),
    odsCode: z.string().nullable(),
    service: z.string().nullable(),
    reason: z.string().nullable().describe('Null once its notification is erased'),
    imposedBy: z.string(),
    imposedAt: at(),
    lifted: z.object({ by: z.string(), at: at() }).nullable(),
  })
  .meta({ id: 'Restriction' })

const liftedBody = z
  .object({ id: z.string(), notification: z.string(), lifted: z.object({ by: z.string(), at: at() }) })
  .meta({ id: 'RestrictionLifted' })

const listQuery = z.strictObject({
  policeReference: z.string().min(1).max(200).optional(),
  notification: z.string().min(1).max(100).optional().describe('ntf_…, that version alone'),
})
const liftingBody = z.strictObject({
  reason: z.string().trim().min(1, 'Say why').max(2_000).describe('Why, in your own words. Kept sealed, and told to nobody'),
})

/** What a force's supervisor sees and does of what binds people (contract §1, `restrictions`). */
export function restrictionRoutes(app: App, deps: RestrictionRoom & { access: Access }): void {
  const { access } = deps
  const onRequest = access.demand('desk:supervise')
  app.get(
    '/v1/restrictions',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Read what binds the people of a notification',
        description: 'By police reference or by notification, oldest first, lifted ones included. Only one’s own force’s.',
        querystring: listQuery,
        headers: purposeHeaders,
        response: { 200: z.object({ restrictions: z.array(restrictionBody) }), ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const purpose = purposeOfPerson(client, request.headers)
      const by = { agency: client.agency, actor: client.id, at: deps.now().round('millisecond'), purpose }
      const found = await listRestrictions(deps, by, wanted(request.query))
      return { restrictions: found.map(toBody) }
    },
  )
  app.post(
    '/v1/restrictions/:id/lifting',
    {
      onRequest,
      schema: {
        tags: [TAG],
        summary: 'Lift a restriction',
        description: 'Whatever it held, in any notification about these people, is looked at again and goes out.',
        params: z.object({ id: z.string().describe('rst_…, as the task names it') }),
        body: liftingBody,
        response: { 200: liftedBody, ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const { id } = request.params
      return liftedOr409(await againWhenInTheWay(() => liftFrom(deps, client, id, request.body.reason)), client.id)
    },
  )
}

function wanted({ policeReference, notification }: z.infer<typeof listQuery>) {
  if (policeReference !== undefined && notification === undefined) return { policeReference }
  if (notification !== undefined && policeReference === undefined) return { notification }
  throw badRequest([{ pointer: '/policeReference', code: 'invalid', detail: 'Name either policeReference or notification' }])
}

function liftedOr409(done: Lifted, by: string): z.infer<typeof liftedBody> {
  if (done.kind === 'no such restriction') throw notFound('restriction')
  if (done.kind === 'lifted before') throw conflict('already-lifted', 'This restriction binds nobody any more')
  const { id, notification } = done.stored
  return { id, notification, lifted: { by, at: done.at.toString() } }
}

function toBody({ stored, says }: ReadRestriction): z.infer<typeof restrictionBody> {
  const { id, notification, policeReference, version, kind, imposedBy, imposedAt, liftedBy, liftedAt } = stored
  return {
    id,
    notification,
    policeReference,
    version,
    kind,
    personRef: says?.personRef ?? null,
    recipientId: says?.recipientId ?? null,
    urn: says?.urn ?? null,
    odsCode: says?.odsCode ?? null,
    service: says?.service ?? null,
    reason: says?.reason ?? null,
    imposedBy,
    imposedAt: imposedAt.toString(),
    lifted: liftedBy !== null && liftedAt !== null ? { by: liftedBy, at: liftedAt.toString() } : null,
  }
}
