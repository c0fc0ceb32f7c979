/** Collectors, in a process of their own: each asks for EACH dispatches as soon as it was answered, until CLAIMS answers came. */
import { openConnection, postRequest } from './http-connection.ts'
import { answer, given, moment } from './programs.ts'

/** What the collectors did. */
export interface Collected {
  perSecond: number
  /** The middle answer, in milliseconds. */
  medianMs: number
}

const url = new URL(given('URL'))
const each = Number(given('EACH'))
const request = postRequest(url, given('KEY'), Buffer.from(JSON.stringify({ max: each, leaseSeconds: 3_600 })))
const connections = await Promise.all(
  Array.from({ length: Number(given('CONNECTIONS')) }, () => openConnection(url.hostname, Number(url.port))),
)

async function collect(count: number): Promise<Collected> {
  let left = count
  const times: number[] = []
  const startedAt = moment()
  await Promise.all(
    connections.map(async (connection) => {
      while (left-- > 0) {
        const askedAt = moment()
        const { status, body } = await connection.send(request)
        times.push(moment() - askedAt)
        if (status !== 200) throw new Error(`A collector was answered ${status}: ${body.slice(0, 500)}`)
        // Counted by what each alone has: parsing it all would be measured as the product's.
        const given = body.split('"expiresAt"').length - 1
        if (given !== each) throw new Error(`A collector was given ${given} of ${each}`)
      }
    }),
  )
  const took = moment() - startedAt
  return {
    perSecond: ((times.length * each) / took) * 1000,
    medianMs: times.sort((one, other) => one - other)[times.length >> 1] ?? 0,
  }
}

await collect(Number(given('WARM_UP')))
answer(await collect(Number(given('CLAIMS'))))
for (const connection of connections) connection.close()
