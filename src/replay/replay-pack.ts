import { type KeyRing, openDataKey } from '../database/sealing.ts'
import { openRecorded } from '../intake/record.ts'
import type { Edition } from '../policy/edition.ts'
import { differencesBetween } from '../routing/differences.ts'
import { judgeAgain } from '../triage/judge-again.ts'
import type { NotificationId } from '../words/ids.ts'
import type { StoredRecord } from './replay-store.ts'
import { openTally, type Replayed, type ReplayReport } from './report.ts'

/** What a replay needs. */
export interface Replay {
  /** The changed pack, as if it had been in force. */
  edition: Edition
  ring: KeyRing
  /** The page that follows an id, newest first; an empty one is the end. */
  readPage: (before: NotificationId | null) => Promise<StoredRecord[]>
  /** The most notifications to go over; null for all. */
  notificationsMax: number | null
  examplesMax: number
  /** Hears how many are done. */
  told: (notifications: number) => void
}

/**
 * Holds a changed pack against what was recorded: who would now be told, no longer, sooner or later. Only its own rules are
 * judged, over the facts as they were found; what the other pack told stands as recorded. No notification is opened.
 */
export async function replayPack(replay: Replay): Promise<ReplayReport> {
  const { edition, notificationsMax } = replay
  const { area, inForceFrom, sha256 } = edition
  const tally = openTally({ area, inForceFrom, sha256 }, replay.examplesMax)
  let done = 0
  for await (const page of pagesOf(replay.readPage)) {
    const wanted = notificationsMax === null ? page : page.slice(0, notificationsMax - done)
    for (const stored of wanted) tally.add(replayOne(stored, replay))
    done += wanted.length
    replay.told(done)
    if (wanted.length < page.length) return tally.report(false)
  }
  return tally.report(true)
}

/** The next page is on its way while one is judged: Postgres works on the other core. */
async function* pagesOf(readPage: Replay['readPage']): AsyncGenerator<StoredRecord[]> {
  let coming = readPage(null)
  for (;;) {
    const page = await coming
    const last = page.at(-1)
    if (last === undefined) return
    coming = readPage(last.id)
    // It is awaited next; until then nobody else would hear that it failed.
    coming.catch(() => undefined)
    yield page
  }
}

function replayOne(
  { id, policeReference, reportedAt, recorded: sealed, key }: StoredRecord,
  { edition, ring }: Replay,
): Replayed {
  const recorded = openRecorded(openDataKey(ring, id, key), id, sealed)
  const replaced = edition.authorities === 'every area' ? recorded.statutory : recorded.policy
  const judged = judgeAgain(edition, recorded.facts)
  const stands = recorded.fired.filter(({ edition: label }) => label !== replaced)
  const undecided = recorded.undecided.filter((label) => label !== replaced).length + judged.undecided
  return {
    id,
    policeReference,
    differences: differencesBetween(recorded.fired, [...stands, ...judged.fired], { ...recorded, reportedAt }),
    notRecorded: judged.notRecorded,
    undecided: { before: recorded.undecided.length > 0, after: undecided > 0 },
  }
}
