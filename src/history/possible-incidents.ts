import type { PossibleMatch } from '../words/background.ts'
import type { PersonRef } from '../words/ids.ts'
import { certainKinds } from './person-keys.ts'
import { type Answer, referenceOf, type Seen } from './seen.ts'

/** A person reads these one by one; beyond the newest ten nobody would. */
const SHOWN_MAX = 10

interface Found {
  ref: PersonRef
  by: PossibleMatch['by']
  row: Seen
}

/**
 * Incidents of people who may be these, newest first: the name sounds the same and the birth date is, or the address is. Of an
 * incident that counts already, nothing; of one found by a name, the address adds nothing.
 */
export function possibleIncidents(
  of: { agency: string; policeReference: string },
  answers: readonly Answer[],
  counted: ReadonlySet<string>,
): PossibleMatch[] {
  const byName = new Map<string, Found>()
  const byAddress = new Map<string, Found>()
  for (const { ref, kind, rows } of answers) {
    if (certainKinds.has(kind)) continue
    for (const row of rows) {
      const reference = referenceOf(row)
      const itself = row.agency === of.agency && row.police_reference === of.policeReference
      if (row.withdrawn || itself || counted.has(reference)) continue
      if (kind === 'sound+birth') keepNewer(byName, `${ref} ${reference}`, { ref, by: 'sound and birth', row })
      else keepNewer(byAddress, reference, { ref, by: 'address', row })
    }
  }
  const named = new Set([...byName.values()].map(({ row }) => referenceOf(row)))
  return [...byName.values(), ...[...byAddress.values()].filter(({ row }) => !named.has(referenceOf(row)))]
    .sort((a, b) => Temporal.Instant.compare(b.row.occurred_at, a.row.occurred_at))
    .slice(0, SHOWN_MAX)
    .map((found) => shown(found, of.agency))
}

function keepNewer(found: Map<string, Found>, name: string, one: Found): void {
  const known = found.get(name)
  if (known === undefined || known.row.version < one.row.version) found.set(name, one)
}

function shown({ ref, by, row }: Found, agency: string): PossibleMatch {
  const ours = row.agency === agency
  return {
    ref,
    by,
    record: {
      kind: 'incident',
      policeReference: ours ? row.police_reference : null,
      ref: ours ? row.ref : null,
      occurredAt: row.occurred_at,
    },
  }
}
