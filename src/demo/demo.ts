import { once as onceEmitted } from 'node:events'
import { hang } from '../terminal/layout.ts'
import { type Output, openStage, type Stage } from '../terminal/stage.ts'
import { whenOrphaned } from '../underneath/orphaned.ts'
import type { Clock } from '../words/clock.ts'
import { ApiProblem } from './api-client.ts'
import cast from './cast.json' with { type: 'json' }
import { play } from './play.ts'
import type { Pretend } from './set-up.ts'

export interface DemoOptions {
  /** Leave after the timeline. Otherwise it stays up until it is asked to stop. */
  once: boolean
  environment: Readonly<Record<string, string | undefined>>
  wall: Clock
}

/** Long enough for a school that has to be called three times. */
const PATIENCE_MS = 45_000

/** What a shell says of a program that was interrupted before it was done. */
const INTERRUPTED = 130

const pretend: Pretend = {
  callsDown: (schoolId) => (schoolId === cast.downAtFirst.school ? cast.downAtFirst.calls : 0),
  patienceMs: PATIENCE_MS,
}

/**
 * The whole service in one command: starts everything it stands on, plays one evening through with pretend police, schools
 * and teams, and shows what was decided, who was told when, and how anybody can check it.
 * @returns the exit code: 0 only when everything due was delivered or collected in time and the record has no faults
 */
export function demo(options: DemoOptions): Promise<number> {
  return perform({ ...options, pretend, output: process.stdout })
}

/** The demo with the pretend parts and the output that are given. */
export async function perform(options: DemoOptions & { pretend: Pretend; output: Output }): Promise<number> {
  const { once, environment, wall, output } = options
  const asked = whenAskedToStop()
  const stage = openStage(output, asked.stop)
  const held = new AsyncDisposableStack()
  try {
    const wrong = await play({ stage, held, environment, wall, stopping: asked.signal, pretend: options.pretend })
    if (!once) await stayUp(stage, asked.signal)
    return wrong.length === 0 ? 0 : 1
  } catch (fault) {
    if (asked.signal.aborted) return INTERRUPTED
    if (!(fault instanceof ApiProblem)) throw fault
    stage.say('', ...hang(fault.message, { mark: '✗ ', width: stage.width, paint: (line) => stage.paint('red', line) }))
    return 1
  } finally {
    stage.say('', 'Stopping what was started …')
    await held.disposeAsync()
    asked.forget()
    stage.say('Everything has stopped, and nothing of it is left.')
  }
}

async function stayUp({ say, paint }: Stage, stopping: AbortSignal): Promise<void> {
  say('', paint('bold', 'Daymark is up. Press Ctrl-C to stop it.'))
  if (!stopping.aborted) await onceEmitted(stopping, 'abort')
}

/** One signal asks the demo to stop; a second does not wait. Servers underneath end with us either way. */
function whenAskedToStop(): { signal: AbortSignal; stop: () => void; forget: () => void } {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const onSignal = () => (stopping.signal.aborted ? process.exit(INTERRUPTED) : stop())
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  // Where `npm run` is killed it ends without a word to us.
  const stopLooking = whenOrphaned(stop)
  return {
    signal: stopping.signal,
    stop,
    forget: () => {
      for (const signal of signals) process.off(signal, onSignal)
      stopLooking()
    },
  }
}
