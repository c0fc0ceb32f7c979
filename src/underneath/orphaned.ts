/** How often we look whether our parent is still there, in milliseconds. */
const LOOK_EVERY_MS = 500

/**
 * Calls `orphaned` once the process that started us is gone. `npm run` is such a parent: kill it and what it ran goes on
 * alone, without a terminal to stop it from. Returns how to stop looking; looking keeps nothing alive.
 */
export function whenOrphaned(orphaned: () => void): () => void {
  const parent = process.ppid
  const timer = setInterval(() => {
    // The kernel gives an orphan another parent.
    if (process.ppid === parent) return
    clearInterval(timer)
    orphaned()
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
