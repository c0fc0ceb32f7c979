import canonicalize from 'canonicalize'
import { expect, test } from 'vitest'
import { emptyStream, link } from './chain.ts'

const at = Temporal.Instant.from('2026-03-06T21:10:00.5Z')

test.each([
  {},
  { dispatch: 'dsp_1' },
  { task: 'tsk_1', detail: {} },
  {
    dispatch: 'dsp_1',
    task: 'tsk_1',
    detail: { recipient: 'school "of" Nørrebro\u2028\\', b: [1, null, { z: 1, a: 2 }], a: undefined },
  },
])('an event is written as RFC 8785 would write it: %j', (rest) => {
  const event = { stream: 'ntf_1', kind: 'dispatch collected', actor: 'cli_é"', ...rest }
  const { id, seq, body } = link(emptyStream, at, event)
  expect(body).toBe(canonicalize({ ...event, id, seq, at: '2026-03-06T21:10:00.500Z' }))
})
