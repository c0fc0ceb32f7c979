import { freePort } from '../src/underneath/free-port.ts'
import type { Load } from './load.ts'
import type { Machine } from './machine.ts'
import { type Prepared, startProduct } from './product.ts'
import { runProgram, startProgram } from './programs.ts'

export const CONNECTIONS = 32
const COUNT = 5_000
const WARM_UP = 1_500

/** One round of the door alone, notifications a second. No worker runs. */
export interface AcceptRound {
  raw: number
  product: number
  bare: number
}

/** Measures the raw loop, the product's door and the bare route, one after the other, each on fresh tables. */
export async function acceptRound(machine: Machine, prepared: Prepared, receiverPort: number): Promise<AcceptRound> {
  const raw = await rawLoop(machine, prepared)
  const side = await startProduct(machine, prepared, { receiverPort, worker: false })
  const product = await postsPerSecond(machine, side.url, side.key)
  await side.stop()
  const port = await freePort()
  const route = await startProgram(['bench/bare-fastify.ts'], { PORT: String(port) }, 'up')
  const bare = await postsPerSecond(machine, `http://127.0.0.1:${port}/v1/notifications`, 'none')
  await route.stop()
  return { raw, product, bare }
}

async function rawLoop(machine: Machine, { template, daymarkKeys }: Prepared): Promise<number> {
  const database = await machine.newDatabase(template)
  await machine.settle()
  const { perSecond } = await runProgram<{ perSecond: number }>('bench/raw-accepts.ts', {
    DATABASE_URL: database.url,
    DAYMARK_KEYS: daymarkKeys,
    FROM: '0',
    WARM_UP: String(WARM_UP),
    COUNT: String(COUNT),
    CONNECTIONS: String(CONNECTIONS),
  })
  await database.drop()
  return perSecond
}

async function postsPerSecond(machine: Machine, url: string, key: string): Promise<number> {
  await post(url, key, { from: 0, count: WARM_UP, rate: 0 })
  await machine.settle()
  const { startedAt, answeredAt } = await post(url, key, { from: WARM_UP, count: COUNT, rate: 0 })
  return (COUNT / (answeredAt - startedAt)) * 1000
}

/** Runs the load generator once. `rate` 0: as fast as the answers come; else so many a second, whatever the answers do. */
export function post(
  url: string,
  key: string,
  { from, count, rate }: { from: number; count: number; rate: number },
): Promise<Load> {
  return runProgram<Load>('bench/load.ts', {
    URL: url,
    KEY: key,
    FROM: String(from),
    COUNT: String(count),
    RATE: String(rate),
    CONNECTIONS: String(CONNECTIONS),
  })
}
