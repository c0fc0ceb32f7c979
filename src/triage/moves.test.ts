import { expect, test } from 'vitest'
import { aBackground, aChild, aNotification, aVictim } from '../../test/support/builders.ts'
import type { Moved } from '../words/notification.ts'
import { moved } from './moves.ts'
import { situationOf, subjectsOf } from './situation.ts'

const here = 'E06000015'
const there = 'E99000001'

function read(move: Moved | undefined, stayingAuthority?: string) {
  const people = [aVictim(), aChild({ stayingAuthority })]
  const [subject] = subjectsOf(situationOf(aNotification({ people, moved: move }), aBackground()))['each child']
  return subject === undefined ? null : moved(subject)
}

test.each([
  [undefined, undefined, []],
  [undefined, there, ['to another authority']],
  [undefined, here, []],
  [{ toAuthority: there }, undefined, ['to another authority']],
  [{ fromAuthority: here, toAuthority: there, refuge: true }, undefined, ['to another authority']],
  [{ fromAuthority: there }, undefined, ['from another authority']],
  [{ fromAuthority: there, toAuthority: here }, undefined, ['from another authority']],
  [{ fromAuthority: there, toAuthority: 'E99000002' }, undefined, ['to another authority', 'from another authority']],
  [{ refuge: true }, undefined, ['to a place not named']],
  [{ fromAuthority: here }, undefined, ['to a place not named']],
  [{ refuge: true }, there, ['to another authority']],
  [{ fromAuthority: here, toAuthority: here }, undefined, []],
] satisfies [Moved | undefined, string | undefined, string[]][])('%j, staying in %s: %j', (move, staying, texts) => {
  expect(read(move, staying)).toMatchObject({ kind: 'several', texts })
})
