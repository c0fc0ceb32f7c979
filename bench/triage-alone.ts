/** Triage, pure: every rule of the area's procedure and of the law over one notification, facts and rulings, warm. */
import { fileURLToPath } from 'node:url'
import { loadPacks } from '../src/policy/load.ts'
import { outcomeWithFacts } from '../src/triage/rulings.ts'
import type { Background } from '../src/words/background.ts'
import { aNotification } from './notifications.ts'
import { answer } from './programs.ts'

const WARM_UP = 20_000
const CALLS = 20_000
const NOTIFICATIONS = 500

const packs = await loadPacks(fileURLToPath(new URL('../policies', import.meta.url)))
const reportedAt = Temporal.Now.instant().round('second')
const background: Background = {
  earlier: [1, 2, 3].map((number) => ({
    policeReference: `EARLIER-${number}`,
    occurredAt: reportedAt.subtract({ hours: number * 24 * 20 }),
    matches: [{ ref: 'v1', role: 'victim' }],
  })),
  earlierWholeFrom: Temporal.Instant.from('2000-01-01T00:00:00Z'),
  earlierDoubts: [],
  openCases: [],
  rolls: [],
  rollsKept: [],
  maracs: [],
  possible: [],
  nearSchools: [],
  badIdentifiers: [],
  childrenSeenBefore: [],
  establishments: [],
}
const notifications = Array.from({ length: NOTIFICATIONS }, (_, index) => aNotification(index, reportedAt))

const microseconds: number[] = []
let rulings = 0
for (let call = 0; call < WARM_UP + CALLS; call += 1) {
  const notification = notifications[call % NOTIFICATIONS]
  if (!notification) continue
  const startedAt = performance.now()
  const { outcome } = outcomeWithFacts({ notification, background, packs })
  const took = (performance.now() - startedAt) * 1000
  rulings = outcome.rulings.length
  if (call >= WARM_UP) microseconds.push(took)
}
microseconds.sort((one, other) => one - other)
answer({ microseconds: microseconds[Math.floor(microseconds.length / 2)], rulings })
