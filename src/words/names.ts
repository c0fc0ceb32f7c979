import { doubleMetaphone } from 'double-metaphone'

/**
 * How names are compared, wherever they are: by the person keys in `history/`, and by the pure rooms that look at a contact
 * or a child. Nothing here keeps or stores a name.
 */

/** A name as it is compared: no case, accent, punctuation or doubled space. `O'Neill` and `ONEILL` are one. */
export function folded(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}|['’`.]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()
}

/** How two folded names sound, first given name with family name, in both readings of Double Metaphone. */
export function sounds(given: string, family: string): Set<string> {
  const [firstGiven = ''] = given.split(' ')
  const pairs = [doubleMetaphone(firstGiven), doubleMetaphone(family)]
  return new Set([0, 1].map((reading) => pairs.map((pair) => pair[reading]).join(' ')).filter((sound) => sound.trim() !== ''))
}
