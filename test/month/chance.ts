/** Chance that comes out the same each time: a month that fails must fail the same way tomorrow. */
export interface Chance {
  /** True this often, from 0 to 1. */
  often: (share: number) => boolean
  /** A whole number from 0 up to, and not with, `below`. */
  below: (below: number) => number
  pick: <T>(from: readonly T[]) => T
}

/** Mulberry32: small, even, and enough to deal out a month. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    often: (share) => next() < share,
    below,
    pick: (from) => {
      const picked = from[below(from.length)]
      if (picked === undefined) throw new Error('There is nothing to pick from')
      return picked
    },
  }
}
