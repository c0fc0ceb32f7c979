import { describe, expect, test } from 'vitest'
import { type AgencyStanding, chooseAgency, grantedBy, readRoleClaim, roles } from './roles.ts'
import { scopes } from './scopes.ts'

const force: AgencyStanding = { known: true, isForce: true, services: ['police_child_protection'] }
const council: AgencyStanding = { known: true, isForce: false, services: ['childrens_social_care', 'education_authority'] }
const school: AgencyStanding = { known: true, isForce: false, services: ['education_setting'] }
const operator: AgencyStanding = { known: true, isForce: false, services: [] }

describe('a role', () => {
  test.each([
    ['reviewer', ['notifications:read', 'desk:decide']],
    ['supervisor', ['notifications:read', 'desk:decide', 'desk:supervise']],
    ['triage', ['dispatches:collect']],
    ['auditor', ['audit:read']],
    ['directory', ['directory:write']],
    ['registers', ['registers:write']],
    ['policy-lead', ['policy:read']],
  ])('%s comes to %s and nothing more', (role, granted) => {
    expect(grantedBy([role], 'police-here', force)?.scopes).toEqual(granted)
  })

  test('of the operator is given by the operator’s agency alone', () => {
    expect(grantedBy(['operator'], 'police-here', force)).toBeNull()
    expect(grantedBy(['operator', 'auditor'], 'police-here', force)?.scopes).toEqual(['audit:read'])
    expect(grantedBy(['operator'], 'operator', operator)?.scopes).toContain('directory:write')
  })

  test('never sends a notification: what comes in comes from a force’s systems', () => {
    expect(Object.values(roles).flatMap((role) => role.scopes)).not.toContain('notifications:write')
    const given = new Set(Object.values(roles).flatMap((role) => role.scopes))
    expect(scopes.filter((scope) => !given.has(scope))).toEqual(['notifications:write'])
  })

  test('that nobody knows adds nothing, and alone comes to nothing', () => {
    expect(grantedBy(['wizard', 'toString', '__proto__'], 'police-here', force)).toBeNull()
    expect(grantedBy(['wizard', 'triage'], 'csc-here', council)?.scopes).toEqual(['dispatches:collect'])
  })

  test('sits at its agency’s desks if it sits at any', () => {
    expect(grantedBy(['reviewer'], 'police-here', force)?.desks).toEqual(['domestic_abuse_review', 'pitstop', 'mash'])
    expect(grantedBy(['supervisor'], 'csc-here', council)?.desks).toEqual(['mash'])
    expect(grantedBy(['reviewer'], 'school-1', school)?.desks).toEqual([])
    expect(grantedBy(['operator'], 'operator', operator)?.desks).toEqual(['directory'])
    expect(grantedBy(['triage', 'auditor'], 'csc-here', council)?.desks).toEqual([])
  })
})

describe('a claim', () => {
  test('is a list, or one string; other applications’ roles are passed over', () => {
    const claim = readRoleClaim(['daymark:police-here:reviewer', 'daymark:police-here:auditor', 'mail:admin', 7, null])
    expect([...claim.byAgency]).toEqual([['police-here', ['reviewer', 'auditor']]])
    expect([...readRoleClaim('daymark:csc-here:triage').byAgency.keys()]).toEqual(['csc-here'])
  })

  test('that says nothing we can read says nothing', () => {
    for (const claim of [
      undefined,
      null,
      7,
      {},
      [],
      'admin',
      ['daymark:', 'daymark::reviewer', 'daymark:a b:reviewer', 'Daymark:a:b'],
    ])
      expect([...readRoleClaim(claim).byAgency.keys()], JSON.stringify(claim)).toEqual([])
  })

  test('of two agencies is for the one that is asked for; nobody guesses', () => {
    const both = readRoleClaim(['daymark:police-here:reviewer', 'daymark:csc-here:triage'])
    expect(chooseAgency(both, null)).toEqual({ kind: 'several agencies' })
    expect(chooseAgency(both, 'csc-here')).toEqual({ kind: 'chosen', agency: 'csc-here' })
    expect(chooseAgency(both, 'csc-there')).toEqual({ kind: 'no role here' })
    expect(chooseAgency(readRoleClaim([]), null)).toEqual({ kind: 'no role here' })
  })
})
