import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { notFound } from '../access/problems.ts'
import type { DeskRoom } from '../desk/claim-task.ts'
import { pitstopList } from '../desk/pitstop-list.ts'
import { pitstopListPage } from './pitstop-list/page.ts'
import { sendPage } from './render.ts'

/** What the disclosure says where somebody prints the list of a meeting: a browser sends no header of its own. */
const PURPOSE = 'pitstop meeting, printed'

/** The list of a Pitstop meeting as a page, for whoever is signed in and sits at that desk. */
export function pitstopListRoutes(app: App, deps: DeskRoom & { access: Access }): void {
  const { access } = deps
  app.get(
    '/pitstop',
    {
      onRequest: access.demand('desk:decide'),
      schema: { hide: true, querystring: z.strictObject({ date: z.iso.date() }) },
    },
    async (request, reply) => {
      const list = await pitstopList(deps, access.clientOf(request), request.query.date, PURPOSE)
      if (!list) throw notFound('desk')
      return sendPage(reply, pitstopListPage(list))
    },
  )
}
