import { readFile } from 'node:fs/promises'
import { openDatabase } from './database/connection.ts'
import type { Edition } from './policy/edition.ts'
import { faultLine, readDraft } from './policy/load.ts'
import type { PolicyCommands } from './policy-commands.ts'
import { replayPack } from './replay/replay-pack.ts'
import { countRecords, type ReplayWindow, readRecords } from './replay/replay-store.ts'
import { replayLines } from './tell-replay.ts'
import { progressLine } from './terminal/progress-bar.ts'
import { openStage } from './terminal/stage.ts'

interface Asked {
  pack: string
  from?: string
  to?: string
  area?: string
  examples: number
  json: boolean
}

/** One round trip fetches this many, some 600 kB; the next page comes while one is judged. */
const PAGE = 500
const LONDON = 'Europe/London'

/** Replays a changed pack over everything stored. @returns 1 where the pack has faults, which are told instead */
export async function replayPolicy({ config, now, out, err }: PolicyCommands, asked: Asked): Promise<number> {
  const stage = openStage(out, () => undefined)
  const read = readDraft(asked.pack, await readFile(asked.pack))
  if (read.kind === 'faults') {
    stage.say(...(asked.json ? [JSON.stringify({ faults: read.faults }, null, 2)] : read.faults.map(faultLine)))
    return 1
  }
  const { databaseUrl, keyRing } = config()
  const database = openDatabase(databaseUrl, null, 2)
  const progress = openStage(err, () => undefined)
  try {
    const window = windowOf(read.edition, asked)
    const total = await countRecords(database.kysely, window)
    const startedAt = now()
    const report = await replayPack({
      edition: read.edition,
      ring: keyRing,
      readPage: (before) => readRecords(database.kysely, window, before, PAGE),
      notificationsMax: null,
      examplesMax: asked.examples,
      told: (done) =>
        progress.progress(
          progressLine({ done, total, elapsedMs: startedAt.until(now()).total('milliseconds') }, 'notifications'),
        ),
    })
    progress.progress('')
    stage.say(...(asked.json ? [JSON.stringify(report, null, 2)] : replayLines(report, stage)))
    return 0
  } finally {
    await database.close()
  }
}

function windowOf({ authorities }: Edition, { from, to, area }: Asked): ReplayWindow {
  const midnight = (date: Temporal.PlainDate) => date.toZonedDateTime(LONDON).toInstant()
  return {
    authorities: authorities === 'every area' ? null : authorities,
    area: area ?? null,
    from: from === undefined ? null : midnight(Temporal.PlainDate.from(from)),
    to: to === undefined ? null : midnight(Temporal.PlainDate.from(to).add({ days: 1 })),
  }
}
