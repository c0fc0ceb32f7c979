/**
 * The load generator, in a process of its own and the same for everybody: it posts bodies that were made before the clock
 * started. Without RATE each of CONNECTIONS sends its next body when the last was answered (closed loop); with RATE bodies
 * leave at their times whatever the answers do (open loop), and a body that could not leave at its time counts from it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, openConnection, postRequest } from './http-connection.ts'
import { bodies } from './notifications.ts'
import { answer, given, moment } from './programs.ts'

/** What the generator did: for each body when it was sent, and the id it was given. */
export interface Load {
  startedAt: number
  /** When the last answer came. */
  answeredAt: number
  sent: { index: number; id: string; at: number; ms: number }[]
}

const url = new URL(given('URL'))
const from = Number(given('FROM'))
const count = Number(given('COUNT'))
const rate = Number(given('RATE'))
const requests = bodies(from, count).map((body) => postRequest(url, given('KEY'), body))
const open = () => openConnection(url.hostname, Number(url.port))
const idle: Connection[] = await Promise.all(Array.from({ length: Number(given('CONNECTIONS')) }, open))
const all = [...idle]
const sent: Load['sent'] = []

async function post(connection: Connection, number: number, at: number): Promise<void> {
  const request = requests[number]
  if (!request) throw new Error(`There is no body ${number}`)
  const { status, body } = await connection.send(request)
  if (status !== 202) throw new Error(`A notification was answered ${status}: ${body.slice(0, 500)}`)
  const { id } = JSON.parse(body)
  sent.push({ index: from + number, id, at, ms: moment() - at })
}

async function closedLoop(): Promise<void> {
  let next = 0
  const turn = async (connection: Connection) => {
    for (let number = next++; number < count; number = next++) await post(connection, number, moment())
  }
  await Promise.all(idle.map(turn))
}

async function openLoop(startedAt: number): Promise<void> {
  const inFlight: Promise<void>[] = []
  for (let number = 0; number < count; number += 1) {
    const at = startedAt + (number * 1000) / rate
    if (at > moment()) await pause(at - moment())
    const connection = idle.pop() ?? (await open())
    if (!all.includes(connection)) all.push(connection)
    inFlight.push(post(connection, number, at).then(() => void idle.push(connection)))
  }
  await Promise.all(inFlight)
}

const startedAt = moment()
await (rate > 0 ? openLoop(startedAt) : closedLoop())
answer({ startedAt, answeredAt: moment(), sent } satisfies Load)
for (const connection of all) connection.close()
