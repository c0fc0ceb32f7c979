/** How far a long piece of work has come. */
export interface Progress {
  done: number
  total: number
  elapsedMs: number
}

const CELLS = 24
const count = new Intl.NumberFormat('en-GB')

/** One line: a bar, the count, how many a second, and how long it will still take at that rate. */
export function progressLine({ done, total, elapsedMs }: Progress, what: string): string {
  const part = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.floor(part * CELLS)
  const bar = `${'█'.repeat(full)}${'░'.repeat(CELLS - full)}`
  const aSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0
  const left = aSecond > 0 ? `, ${inTime((total - done) / aSecond)} left` : ''
  return `${bar} ${count.format(done)} of ${count.format(total)} ${what}, ${count.format(Math.round(aSecond))} a second${left}`
}

/** `1:05` for a minute and five seconds. */
function inTime(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
