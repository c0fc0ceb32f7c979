import { setTimeout as pause } from 'node:timers/promises'

/** How long a state may take to come about, in milliseconds, on a busy machine. */
const WITHIN_MS = 15_000
/** How often we look, in milliseconds. */
const LOOK_EVERY_MS = 20

/**
 * Waits until `look` finds something, and returns it. Nothing, which is false, null or undefined, means "not yet". It says
 * what it waited for when that never comes: `await waitFor('the dispatch is delivered', () => …)`.
 */
export async function waitFor<Found>(
  what: string,
  look: () => Found | Promise<Found>,
  withinMs = WITHIN_MS,
): Promise<Exclude<Found, false | null | undefined>> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (isSomething(found)) return found
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}; last seen: ${String(found)}`)
    await pause(LOOK_EVERY_MS)
  }
}

function isSomething<Found>(found: Found): found is Exclude<Found, false | null | undefined> {
  return found !== false && found !== null && found !== undefined
}
