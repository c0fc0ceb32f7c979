/**
 * The figures of `--scale`: what something costs with a million of what grows, beside what it costs with a thousand, in one
 * run and by turns. A cost that grows with what is stored would be met years after it was written, and by nobody's bench.
 */
import { fileURLToPath } from 'node:url'
import { newDaymarkKeys } from '../../src/config.ts'
import { migrate } from '../../src/database/migrate.ts'
import { loadPacks } from '../../src/policy/load.ts'
import { progressLine } from '../../src/terminal/progress-bar.ts'
import { type Figure, figure, median } from '../figures.ts'
import type { Machine } from '../machine.ts'
import { fillForTriage, type TriageAtSize } from './triage-at-size.ts'

export const MANY = 1_000_000
const FEW = 1_000
const TRIAGE_AT_MOST = 1.3
const WARM_UP = 4
const TURNS = 15

/** Where the figures are measured: how many is many, and one line that is written over. */
export interface Scale {
  machine: Machine
  many: number
  progress: (line: string) => void
}

/** Every figure of `--scale`, one after the other, each on databases of its own that are dropped before the next. */
const MEASURED: readonly ((scale: Scale) => Promise<Figure>)[] = [triageFigure]

export async function scaleFigures(scale: Scale): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const measure of MEASURED) figures.push(await measure(scale))
  return figures
}

/** Milliseconds a notification in batches of 25, with five years of notifications stored and with a thousand. */
async function triageFigure(scale: Scale): Promise<Figure> {
  const filled: { size: TriageAtSize; drop: () => Promise<void> }[] = []
  try {
    for (const count of [FEW, scale.many]) filled.push(await fillOne(scale, count))
    const [few, many] = filled.map(({ size }): { size: TriageAtSize; milliseconds: number[] } => ({ size, milliseconds: [] }))
    if (few === undefined || many === undefined) throw new Error('There are two sizes')
    await scale.machine.settle()
    for (let turn = 0; turn < WARM_UP + TURNS; turn += 1) {
      // Who goes first changes, so that neither always finds the machine as the other left it.
      for (const one of turn % 2 === 0 ? [few, many] : [many, few]) {
        scale.progress(`triage with ${one.size.count} stored: turn ${turn + 1} of ${WARM_UP + TURNS}`)
        const took = await one.size.turn()
        if (turn >= WARM_UP) one.milliseconds.push(took)
      }
    }
    const name = `triage with ${nameOf(scale.many)} stored, of ${nameOf(FEW)} stored`
    return figure(name, median(many.milliseconds), median(few.milliseconds), {
      target: TRIAGE_AT_MOST,
      target_is: 'at most',
      unit: 'ms',
    })
  } finally {
    for (const { size, drop } of filled) {
      await size.close()
      await drop()
    }
  }
}

const nameOf = (count: number) => new Intl.NumberFormat('en-GB').format(count)

async function fillOne({ machine, progress }: Scale, count: number) {
  const database = await machine.newDatabase(null)
  const daymarkKeys = newDaymarkKeys()
  await migrate(database.url, daymarkKeys)
  const size = await fillForTriage({
    url: database.url,
    daymarkKeys,
    packs: await loadPacks(fileURLToPath(new URL('../../policies', import.meta.url))),
    at: Temporal.Now.instant().round('second'),
    count,
    turns: WARM_UP + TURNS,
    told: stages(progress),
  })
  return { size, drop: database.drop }
}

/** A bar for each stage of the filling, at a rate of its own. */
function stages(progress: Scale['progress']) {
  let stage = ''
  let startedAt = 0
  return (done: number, total: number, what: string) => {
    if (what !== stage) startedAt = performance.now()
    stage = what
    progress(progressLine({ done, total, elapsedMs: performance.now() - startedAt }, what))
  }
}
