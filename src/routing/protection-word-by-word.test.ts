import { describe, expect, test } from 'vitest'
import { aChild, aRoutedNotification, aVictim } from '../../test/support/routing-builders.ts'
import type { Address, Notification, Person } from '../words/notification.ts'
import { hiddenFrom } from './protection.ts'

const home = { lines: ['17 Nettlecombe Rise', 'Larkford'], postcode: 'ZZ9 7QQ' }
const his: Address = { lines: ['3 Cobnut Row'], postcode: 'ZZ8 1AA' }
const suspect: Person = { ref: 's1', role: 'suspect', address: his }

function family(given: Partial<Notification>, at: Address = home) {
  return aRoutedNotification({ people: [aVictim({ address: at }), aChild(), suspect], ...given })
}
const protects = (kind: 'address_protected' | 'school_name_protected', personRef?: string) => ({
  restrictions: [{ kind, reason: 'She fears him.', ...(personRef === undefined ? {} : { personRef }) }],
})
const protectedHome = (at: Address = home) => hiddenFrom(family(protects('address_protected'), at), [])

describe('without a restriction', () => {
  test('nothing is hidden', () => {
    const hidden = hiddenFrom(family({}), [])
    expect([hidden.text('17 Nettlecombe Rise'), hidden.label('Larkford'), hidden.schools, hidden.whereabouts]).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(hidden.address(home, null)).toBe(false)
  })
})

describe('a protected address', () => {
  test('hides every text that names its street, with or without the number, or its postcode', () => {
    const { text, label } = protectedHome()
    expect(['at NETTLECOMBE rise', '17 Nettlecombe Rise', 'zz97qq'].map(text)).toEqual([true, true, true])
    expect(label('Nettlecombe-Rise')).toBe(true)
  })

  test('leaves the town, an empty text and another street', () => {
    expect(['They live in Larkford.', '', 'Cob Lane'].map(protectedHome().text)).toEqual([false, false, false])
  })

  test('hides no school and no whereabouts beyond it', () => {
    expect(protectedHome()).toMatchObject({ schools: false, whereabouts: false })
  })

  test('hides a later line of the address where that has a number, which a street has and a town has not', () => {
    const { text } = protectedHome({ lines: ['Flat 2', '9 Wendover Place', 'Larkford'] })
    expect(['in Wendover Place', 'in flat 2', 'in Larkford'].map(text)).toEqual([true, false, false])
  })

  test('hides a street of six letters, and leaves one of five, which stands in any account', () => {
    expect(protectedHome({ lines: ['1 Ash Row'] }).text('by Ash Row')).toBe(true)
    expect(protectedHome({ lines: ['1 Oak Pl'] }).text('by Oak Pl')).toBe(false)
  })

  test('hides by the name of the house where that holds a number within it', () => {
    expect(protectedHome({ lines: ['The 3 Gables'] }).text('at the 3 gables')).toBe(true)
  })

  test('hides nothing by an empty postcode', () => {
    expect(protectedHome({ lines: ['17 Nettlecombe Rise'], postcode: ' ' }).text('They live in Larkford.')).toBe(false)
  })

  test('of anybody hides all the family’s, the incident’s included, and not a suspect’s other one', () => {
    const notification = family(protects('address_protected', 'c1'))
    const { incident } = notification
    const hidden = hiddenFrom({ ...notification, incident: { ...incident, address: { lines: ['4 Quarry End'] } } }, [])
    expect(hidden.address(home, null)).toBe(true)
    expect(hidden.address({ lines: ['4 Quarry End'] }, null)).toBe(true)
    expect(hidden.address(his, suspect)).toBe(false)
    expect(hidden.text('Cobnut Row')).toBe(false)
  })

  test('of a suspect is hidden as well where the restriction is the suspect’s, or everybody’s', () => {
    expect(hiddenFrom(family(protects('address_protected', 's1')), []).address(his, suspect)).toBe(true)
    expect(protectedHome().address(his, suspect)).toBe(true)
    const two = [...protects('address_protected', 'c1').restrictions, ...protects('address_protected', 's1').restrictions]
    expect(hiddenFrom(family({ restrictions: two }), []).address(his, suspect)).toBe(true)
  })
})

describe('a protected school', () => {
  const at = (education: Person['education']) =>
    hiddenFrom(aRoutedNotification({ people: [aVictim(), aChild({ education })], ...protects('school_name_protected') }), [])

  test('hides its name and number wherever they are written, and no address', () => {
    const hidden = at({ status: 'on_roll', urns: ['900102'], establishmentName: 'Foxglove Academy' })
    expect(['the FOXGLOVE academy', 'URN 900102', 'Larkspur'].map(hidden.text)).toEqual([true, true, false])
    expect(hidden).toMatchObject({ schools: true, whereabouts: false })
    expect(hidden.address(home, null)).toBe(false)
  })

  test('hides a number without a name, and nothing where no school is known', () => {
    expect(at({ status: 'on_roll', urns: ['900102'] }).text('URN 900102')).toBe(true)
    expect(at({ status: 'on_roll', urns: ['900102'] }).text('Larkspur')).toBe(false)
    expect(at(undefined).text('Larkspur')).toBe(false)
  })

  test('is protected beside an address that is, by its own restriction', () => {
    const restrictions = [...protects('address_protected').restrictions, ...protects('school_name_protected').restrictions]
    expect(hiddenFrom(family({ restrictions }), [])).toMatchObject({ schools: true })
  })
})

describe('an authority the family has left', () => {
  const moved = { fromAuthority: 'E99000001', toAuthority: 'E99000002' }
  const leftBehind = (given: Partial<Notification> = {}, authorities = ['E99000001'], at: Address = home) =>
    hiddenFrom(family({ moved, ...given }, at), authorities)
  const oldPlace: Address = { lines: ['8 Former Street'] }

  test('learns nothing that leads to where they are, and no text that nobody can vouch for', () => {
    const hidden = leftBehind()
    expect([hidden.schools, hidden.whereabouts, hidden.text('anything'), hidden.address(home, aVictim())]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([hidden.label('partner'), hidden.label('Nettlecombe Rise')]).toEqual([false, true])
  })

  test('is shown the place of an incident before the move, and not where somebody of the family is given as living', () => {
    expect(leftBehind().address(oldPlace, null)).toBe(false)
    expect(leftBehind().address(home, null)).toBe(true)
    expect(leftBehind().address({ lines: ['elsewhere'], postcode: 'ZZ9 7QQ' }, null)).toBe(true)
  })

  test('is shown where the suspect lives, if the incident was there', () => {
    expect(leftBehind().address(his, null)).toBe(false)
    expect(leftBehind().label('Cobnut Row')).toBe(false)
  })

  test('is shown no place of an incident that was not in its area, or after which nobody says where they went', () => {
    expect(leftBehind({}, ['E99000003']).address(oldPlace, null)).toBe(true)
    expect(leftBehind({}, ['E99000001', 'E99000003']).address(oldPlace, null)).toBe(true)
    expect(leftBehind({ moved: { fromAuthority: 'E99000001' } }).address(oldPlace, null)).toBe(true)
    expect(leftBehind({ moved: { toAuthority: 'E99000001' } }).address(oldPlace, null)).toBe(true)
  })

  test('is shown no place that a restriction hides', () => {
    const notification = family({ moved, ...protects('address_protected') })
    const hidden = hiddenFrom({ ...notification, incident: { ...notification.incident, address: oldPlace } }, ['E99000001'])
    expect(hidden.address(oldPlace, null)).toBe(true)
    expect(hidden.label('Former Street')).toBe(true)
  })
})
