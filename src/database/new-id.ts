import { randomUUIDv7 } from 'node:crypto'

/** A new id: what it names, then a UUIDv7, so that ids of one kind sort by when they were made. */
export function newId<
  Prefix extends 'ntf' | 'dsp' | 'tsk' | 'evt' | 'att' | 'lse' | 'cli' | 'prm' | 'lnk' | 'alm' | 'ses' | 'rst' | 'out',
>(prefix: Prefix): `${Prefix}_${string}` {
  return `${prefix}_${randomUUIDv7()}`
}
