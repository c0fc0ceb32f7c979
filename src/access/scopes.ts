import type { Desk } from '../words/dispatch.ts'

/** What a client may do (contract §1). */
export const scopes = [
  'notifications:write',
  'notifications:read',
  'desk:decide',
  // A supervisor: the second person where a procedure asks for one, and who may lift a restriction.
  'desk:supervise',
  'dispatches:collect',
  'directory:write',
  'registers:write',
  'audit:read',
  'policy:read',
] as const
export type Scope = (typeof scopes)[number]

/** The agency that runs the service; it alone sees every agency's audit and writes every recipient. */
export const OPERATOR = 'operator'

/** Who is calling. Every client belongs to one agency and sees only what is that agency's. */
export interface Client {
  id: string
  agency: string
  scopes: readonly Scope[]
  /** The desks it may sit at; null means every desk of its agency, as keys and tokens have. */
  desks: readonly Desk[] | null
}
