import type { Desk } from '../words/dispatch.ts'
import type { Service } from '../words/recipient.ts'
import { OPERATOR, type Scope, scopes } from './scopes.ts'

/** What the database knows of an agency that a role names. */
export interface AgencyStanding {
  known: boolean
  isForce: boolean
  /** What its recipients are told for. */
  services: readonly Service[]
}

/** What a person may do, and where. */
export interface Granted {
  agency: string
  scopes: readonly Scope[]
  desks: readonly Desk[]
}

interface Role {
  scopes: readonly Scope[]
  /** Whether it sits at its agency's desks. */
  sits: boolean
  /** Only the agency that runs the service may give it. */
  operatorOnly?: true
}

/** Every role that an identity provider may give, and what it comes to. A person has the sum of theirs in one agency. */
export const roles: Readonly<Record<string, Role>> = {
  reviewer: { scopes: ['desk:decide', 'notifications:read'], sits: true },
  supervisor: { scopes: ['desk:decide', 'desk:supervise', 'notifications:read'], sits: true },
  triage: { scopes: ['dispatches:collect'], sits: false },
  auditor: { scopes: ['audit:read'], sits: false },
  directory: { scopes: ['directory:write'], sits: false },
  registers: { scopes: ['registers:write'], sits: false },
  'policy-lead': { scopes: ['policy:read'], sits: false },
  operator: {
    scopes: ['desk:decide', 'desk:supervise', 'directory:write', 'registers:write', 'audit:read', 'policy:read'],
    sits: true,
    operatorOnly: true,
  },
}

/** `daymark:<agency>:<role>`; whatever else a claim holds is another application's. */
const ROLE = /^daymark:([A-Za-z0-9][\w.-]{0,99}):([a-z][a-z-]{0,39})$/
/** A claim longer than this has not been made for people. */
const CLAIM_MAX = 500

/** What a roles claim says about us. */
export interface RoleClaim {
  /** The roles named, by agency. */
  byAgency: ReadonlyMap<string, readonly string[]>
}

/** Reads a claim, a list of strings or one string. Anything else says nothing. */
export function readRoleClaim(claim: unknown): RoleClaim {
  const entries = (Array.isArray(claim) ? claim.slice(0, CLAIM_MAX) : [claim]).filter((one) => typeof one === 'string')
  const byAgency = new Map<string, string[]>()
  for (const entry of entries) {
    const [, agency, role] = ROLE.exec(entry) ?? []
    if (agency !== undefined && role !== undefined) byAgency.set(agency, [...(byAgency.get(agency) ?? []), role])
  }
  return { byAgency }
}

/** What became of choosing the one agency a person acts for. */
export type Chosen = { kind: 'chosen'; agency: string } | { kind: 'no role here' } | { kind: 'several agencies' }

/**
 * One session acts for one agency: row-level security knows no other way, and a rationale given for the wrong one cannot be taken
 * back. So whoever has roles in several says which, when they sign in.
 */
export function chooseAgency({ byAgency }: RoleClaim, wanted: string | null): Chosen {
  const agencies = [...byAgency.keys()]
  if (wanted !== null) return agencies.includes(wanted) ? { kind: 'chosen', agency: wanted } : { kind: 'no role here' }
  const [only] = agencies
  if (only === undefined) return { kind: 'no role here' }
  return agencies.length === 1 ? { kind: 'chosen', agency: only } : { kind: 'several agencies' }
}

/** The sum of these roles at an agency. A role nobody knows adds nothing; null where nothing is left. */
export function grantedBy(named: readonly string[], agency: string, standing: AgencyStanding): Granted | null {
  const living = named.flatMap((name) => {
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined
    return role && (!role.operatorOnly || agency === OPERATOR) ? [role] : []
  })
  if (living.length === 0) return null
  const granted = new Set(living.flatMap((role) => role.scopes))
  return {
    agency,
    scopes: scopes.filter((scope) => granted.has(scope)),
    desks: living.some(({ sits }) => sits) ? desksOf(agency, standing) : [],
  }
}

/**
 * Whose desks are whose (contract §1): a review and a PitStop are a force's, a MASH is social care's, the directory the operator's. What
 * social care may not know of, or none stands for, waits on a MASH desk of the force's own.
 */
export function desksOf(agency: string, { isForce, services }: AgencyStanding): Desk[] {
  return [
    ...(isForce ? (['domestic_abuse_review', 'pitstop', 'mash'] as const) : []),
    ...(!isForce && services.includes('childrens_social_care') ? (['mash'] as const) : []),
    ...(agency === OPERATOR ? (['directory'] as const) : []),
  ]
}
