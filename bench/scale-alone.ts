/** The figures of `--scale` without the rest of the bench: `node bench/scale-alone.ts [how many is many]`. */
import { openStage } from '../src/terminal/stage.ts'
import { table } from './figures.ts'
import { loadAverage, startMachine } from './machine.ts'
import { MANY, scaleFigures } from './scale/scale.ts'

const stage = openStage(process.stderr, () => undefined)
const startedAt = performance.now()
const machine = await startMachine()
try {
  const figures = await scaleFigures({ machine, many: Number(process.argv[2] ?? MANY), progress: stage.progress })
  stage.progress('')
  console.log(`${machine.about.join('\n')}\n\n${table(figures, [])}\n`)
  console.log(`In ${Math.round((performance.now() - startedAt) / 1000)} s; load average ${loadAverage()} at the end.`)
} finally {
  await machine.stop()
}
