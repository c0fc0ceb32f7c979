import { once } from 'node:events'
import { createServer } from 'node:net'
import { EndedEarly } from './supervised-process.ts'

/** How often another port is tried when somebody took the one we found before our server could. */
const TRIES = 8

/**
 * Runs `start` on a port that was free a moment ago, and on another when it turns out to be taken: between looking and
 * listening, another start on the same machine may win.
 */
export async function onFreePort(start: (port: number) => Promise<void>): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = await freePort()
    try {
      await start(port)
      return port
    } catch (error) {
      if (tried === TRIES || !portWasTaken(error)) throw error
    }
  }
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
  return address.port
}

function portWasTaken(error: unknown): boolean {
  return error instanceof EndedEarly && error.lines.some((line) => /address already in use/i.test(line))
}
