/**
 * `npm run bench`: the product beside its physical limits, measured in one run and by turns, because a figure from another
 * machine or another hour says nothing about this one. A missed target is marked and is no failure; only a run that could
 * not be made is. With `--scale` follow the figures at a million rows, of `bench/scale/scale.ts`.
 */
import { Command } from 'commander'
import { openStage } from '../src/terminal/stage.ts'
import { freePort } from '../src/underneath/free-port.ts'
import { type AcceptRound, acceptRound } from './accept.ts'
import { collectFigure, collectScaleFigure } from './collect-alone.ts'
import { type EndToEndRound, endToEndRound } from './end-to-end.ts'
import { type Figure, figure, median, type Remark, table } from './figures.ts'
import { loadAverage, type Machine, startMachine } from './machine.ts'
import { prepareProduct, startProduct, startSkeleton } from './product.ts'
import { runProgram, startProgram } from './programs.ts'
import { MANY, scaleFigures } from './scale/scale.ts'

const ROUNDS = 5
/** Under this share of the raw loop the skeleton itself was held up, and a ratio to it says nothing. */
const SKELETON_VALID_FROM = 0.13

interface Rounds {
  accept: AcceptRound[]
  product: EndToEndRound[]
  skeleton: EndToEndRound[]
  triage: TriageRound[]
}

interface TriageRound {
  microseconds: number
  rulings: number
}

const program = new Command('bench')
  .description('Measures Daymark beside its physical limits, within ten minutes (without --scale), on servers of its own.')
  .option('--json', 'one JSON object a line instead of the table')
  .option('--scale', 'add the figures at a million rows: four to ten minutes more, and 10 GB of disk meanwhile')
  .addHelpText(
    'after',
    '\nIt starts its own durable PostgreSQL, and a Redis: the one REDIS_URL names (which nothing else may use meanwhile), one on\nthe PATH, or one unpacked from the distribution. Other work on the machine changes every figure, and ratios least.',
  )
  .parse()
const { json = false, scale = false } = program.opts<{ json?: boolean; scale?: boolean }>()

const { progress } = openStage(process.stderr, () => undefined)

async function measure(machine: Machine): Promise<Rounds> {
  const receiverPort = await freePort()
  const receiverUrl = `http://127.0.0.1:${receiverPort}`
  const receiver = await startProgram(['bench/receiver.ts'], { PORT: String(receiverPort) }, 'up')
  const prepared = await prepareProduct(machine, receiverPort)
  const rounds: Rounds = { accept: [], product: [], skeleton: [], triage: [] }
  const through = async (name: 'product' | 'skeleton') => {
    const side =
      name === 'product'
        ? await startProduct(machine, prepared, { receiverPort, worker: true })
        : await startSkeleton(machine, receiverPort)
    rounds[name].push(await endToEndRound(machine, side, receiverUrl))
    await side.stop()
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}: the door (load average ${loadAverage()})`)
    rounds.triage.push(await runProgram<TriageRound>('bench/triage-alone.ts', {}))
    rounds.accept.push(await acceptRound(machine, prepared, receiverPort))
    // Who goes first changes, so that neither always finds the machine as the other left it.
    const order = round % 2 === 1 ? (['skeleton', 'product'] as const) : (['product', 'skeleton'] as const)
    for (const name of order) {
      progress(`round ${round} of ${ROUNDS}: end to end, ${name} (load average ${loadAverage()})`)
      await through(name)
    }
  }
  await receiver.stop()
  return rounds
}

function figuresOf({ accept, product, skeleton, triage }: Rounds): Figure[] {
  const of = <T>(rounds: readonly T[], pick: (round: T) => number) => median(rounds.map(pick))
  const ratioAtLeast = (target: number, unit: string) => ({ target, target_is: 'at least', unit }) as const
  const ratioAtMost = (target: number, unit: string) => ({ target, target_is: 'at most', unit }) as const
  const raw = of(accept, (round) => round.raw)
  const both = (name: string, pick: (round: EndToEndRound) => number, target: Pick<Figure, 'target' | 'target_is' | 'unit'>) =>
    figure(name, of(product, pick), of(skeleton, pick), target)
  return [
    figure(
      'accept, of the raw loop',
      of(accept, (round) => round.product),
      raw,
      ratioAtLeast(0.4, 'notifications/s'),
    ),
    both('end to end, of the skeleton', (round) => round.perSecond, ratioAtLeast(0.2, 'notifications/s')),
    both('p95 at 100/s, of the skeleton', (round) => round.p95, ratioAtMost(3, 'ms')),
    both('p99 at 100/s, of the skeleton', (round) => round.p99, ratioAtMost(5, 'ms')),
    figure(
      `triage, ${triage[0]?.rulings} rulings, of 50 µs`,
      of(triage, (round) => round.microseconds),
      50,
      ratioAtMost(1, 'µs'),
    ),
  ]
}

function remarksOf({ accept, product, skeleton }: Rounds): Remark[] {
  const of = <T>(rounds: readonly T[], pick: (round: T) => number) => median(rounds.map(pick))
  const raw = of(accept, (round) => round.raw)
  return [
    {
      name: '(accept, of a bare Fastify route)',
      product: of(accept, (one) => one.product),
      limit: of(accept, (one) => one.bare),
      unit: 'notifications/s',
    },
    {
      name: '(p50 at 100/s, of the skeleton)',
      product: of(product, (one) => one.p50),
      limit: of(skeleton, (one) => one.p50),
      unit: 'ms',
    },
    {
      name: '(skeleton end to end, of the raw loop)',
      product: of(skeleton, (one) => one.perSecond),
      limit: raw,
      unit: 'notifications/s',
    },
  ]
}

async function bench(): Promise<void> {
  const startedAt = performance.now()
  progress('starting the servers')
  const machine = await startMachine()
  try {
    const rounds = await measure(machine)
    const figures = [
      ...figuresOf(rounds),
      await collectFigure(machine, progress),
      ...(scale ? [await collectScaleFigure(machine, progress), ...(await scaleFigures({ machine, many: MANY, progress }))] : []),
    ]
    progress('')
    const remarks = remarksOf(rounds)
    if (json) return void console.log(figures.map((one) => JSON.stringify(one)).join('\n'))
    const [, , yardstick] = remarks
    const share = yardstick ? yardstick.product / yardstick.limit : Number.NaN
    console.log(`${machine.about.join('\n')}\n\n${table(figures, remarks)}\n`)
    console.log(
      share >= SKELETON_VALID_FROM
        ? `The skeleton reaches ${share.toFixed(2)} of the raw loop: from ${SKELETON_VALID_FROM} on the run is valid.`
        : `NOT VALID: the skeleton reaches only ${share.toFixed(2)} of the raw loop, and ${SKELETON_VALID_FROM} is the least. Run it again on a quieter machine.`,
    )
    console.log(
      `Medians of ${ROUNDS} rounds by turns, in ${Math.round((performance.now() - startedAt) / 1000)} s; load average ${loadAverage()} at the end.`,
    )
  } finally {
    await machine.stop()
  }
}

await bench()
