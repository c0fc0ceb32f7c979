import { expect, test } from 'vitest'
import { aChild, aRecipient, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import { deskAgency } from './desk-agency.ts'

const notification = aRoutedNotification({ people: [aVictim(), aChild()] })
const { localAuthority } = notification.incident
const council = aRecipient({ id: 'csc', agency: 'csc', service: 'childrens_social_care', authorities: [localAuthority] })
const brother = { kind: 'must_not_receive' as const, recipientId: 'csc', reason: 'Her brother leads that team.' }
const of = (restrictions: (typeof brother)[] = []) => ({ agency: 'police-zz', notification: { ...notification, restrictions } })

test('a MASH’s task stands with the authority’s social care, and with the force where there is none', () => {
  expect(deskAgency('mash', of(), [council])).toBe('csc')
  expect(deskAgency('mash', of(), [])).toBe('police-zz')
})

test('a task that names people is kept from whom a restriction keeps them', () => {
  expect(deskAgency('mash', of([brother]), [council])).toBe('police-zz')
  const known = { ...brother, id: 'rst_1' as const, from: 'another force' as const, binds: ['c1'], reason: null }
  const restrictions = [{ ...known, protects: { addresses: [], schools: [] } }]
  expect(deskAgency('mash', { ...of(), restrictions }, [council])).toBe('police-zz')
  expect(deskAgency('mash', { ...of([brother]), restrictions: [] }, [council])).toBe('csc')
})

test('the review is the force’s and the directory the operator’s, whatever is restricted', () => {
  expect(deskAgency('domestic_abuse_review', of([brother]), [council])).toBe('police-zz')
  expect(deskAgency('directory', of([brother]), [council])).toBe('operator')
})
