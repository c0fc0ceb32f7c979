import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { median } from '../../bench/figures.ts'
import { fillForTriage, type TriageAtSize } from '../../bench/scale/triage-at-size.ts'
import { loadPacks } from '../../src/policy/load.ts'
import { aDatabase } from '../support/database.ts'

/** `npm run bench -- --scale` holds the same of a million. */
const MANY = 100_000
const FEW = 1_000
const AT_MOST = 1.3
/** Today they are equal. A plan that differs by a little is no fault; one that reads what grows differs by a hundred times. */
const ALSO_READ = 1.1
const WARM_UP = 2
const TURNS = 7
/** A burst of other work can spoil one go. A cost that grows with what is stored spoils every one. */
const GOES = 3
/** Two million rows are written before the first test: seconds on a quiet machine, a minute or two on a busy one. */
const FILLED_WITHIN_MS = 240_000

const at = Temporal.Instant.from('2026-11-04T20:15:00Z')
let few: TriageAtSize
let twin: TriageAtSize
let many: TriageAtSize

beforeAll(async () => {
  const packs = await loadPacks(fileURLToPath(new URL('../../policies', import.meta.url)))
  const filled = async (count: number) =>
    fillForTriage({ ...(await aDatabase()), packs, at, count, turns: 1 + WARM_UP + GOES * TURNS, told: () => undefined })
  few = await filled(FEW)
  twin = await filled(FEW)
  many = await filled(MANY)
}, FILLED_WITHIN_MS)

afterAll(() => Promise.all([few, twin, many].map((size) => size.close())))

describe('the triage of families who were here before', () => {
  test('reads as much with a hundred thousand notifications stored as with a thousand, and goes through no table', async () => {
    const [small, large] = [await few.countedTurn(), await many.countedTurn()]
    await twin.countedTurn()
    expect(small.rows).toBeGreaterThan(0)
    expect(large.rows).toBeLessThanOrEqual(small.rows * ALSO_READ)
    expect(large.scanned).toEqual([])
  })

  test(
    'takes as long with a hundred thousand as with a thousand',
    async () => {
      for (let turn = 0; turn < WARM_UP; turn += 1) for (const size of [few, twin, many]) await size.turn()
      const goes: number[] = []
      while (goes.length < GOES && !goes.some((ratio) => ratio <= AT_MOST)) goes.push(await ratioInOneGo())
      expect(goes.at(-1), `ratios: ${goes.join(', ')}`).toBeLessThanOrEqual(AT_MOST)
    },
    FILLED_WITHIN_MS,
  )
})

/** By turns. Two databases of the same size differ by what the machine does meanwhile: the dearer of the two is the measure. */
async function ratioInOneGo(): Promise<number> {
  const took = new Map<TriageAtSize, number[]>([few, many, twin].map((size) => [size, []]))
  for (let turn = 0; turn < TURNS; turn += 1) for (const [size, ms] of took) ms.push(await size.turn())
  const medianOf = (size: TriageAtSize) => median(took.get(size) ?? [])
  return medianOf(many) / Math.max(medianOf(few), medianOf(twin))
}
