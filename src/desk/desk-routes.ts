import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import type { DecidingRoom } from './decide-task.ts'
import { decisionRoutes } from './decision-routes.ts'
import { pitstopRoutes } from './pitstop-routes.ts'
import { taskRoutes } from './task-routes.ts'

/** Desks (contract §3): what waits for a person, who has it, and what they decide. */
export function deskRoutes(app: App, deps: DecidingRoom & { access: Access }): void {
  taskRoutes(app, deps)
  decisionRoutes(app, deps)
  pitstopRoutes(app, deps)
}
