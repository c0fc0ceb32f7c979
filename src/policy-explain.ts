import { readFile } from 'node:fs/promises'
import { readJson } from './access/read-json.ts'
import { openDatabase } from './database/connection.ts'
import { openDataKey } from './database/sealing.ts'
import { readNotification } from './intake/notification-faults.ts'
import { openRecord } from './intake/record.ts'
import { loadPacks } from './policy/load.ts'
import type { PolicyCommands } from './policy-commands.ts'
import { readRecord } from './replay/replay-store.ts'
import { type Explained, explanationLines } from './tell-explanation.ts'
import { openStage } from './terminal/stage.ts'
import { outcomeOf } from './triage/rulings.ts'
import { whatWouldChange } from './triage/what-would-change.ts'
import type { Background } from './words/background.ts'

/** What to explain, and where the packs stand for one that is decided afresh. */
interface Asked {
  what: string
  policies: string
  json: boolean
}

type Answer = { kind: 'explained'; explained: Explained } | { kind: 'not explained'; because: string[] }

/**
 * Explains one notification. What was recorded is shown as it was recorded and never worked out again; only a notification
 * from a file is decided here. @returns 1 where there is nothing to explain
 */
export async function explainPolicy(to: PolicyCommands, { what, policies, json }: Asked): Promise<number> {
  const answer = /^ntf_[\w-]+$/.test(what) ? await recorded(to, what) : await afresh(to, what, policies)
  const stage = openStage(to.out, () => undefined)
  if (answer.kind === 'not explained') {
    stage.say(...(json ? [JSON.stringify({ faults: answer.because }, null, 2)] : answer.because))
    return 1
  }
  const { explained } = answer
  if (json) stage.say(JSON.stringify(asJson(explained), null, 2))
  else stage.say(...explanationLines(explained, stage))
  return 0
}

async function recorded({ config }: PolicyCommands, id: string): Promise<Answer> {
  const { databaseUrl, keyRing } = config()
  const database = openDatabase(databaseUrl, null, 1)
  try {
    const stored = await readRecord(database.kysely, id)
    if (stored === null) return { kind: 'not explained', because: [`There is no notification ${id}.`] }
    const key = stored.key === null ? null : openDataKey(keyRing, stored.id, stored.key)
    const triages = key === null ? [] : openRecord(key, stored.id, stored.record).triages
    const latest = triages.at(-1)
    if (latest === undefined) {
      return { kind: 'not explained', because: [`${id} is ${stored.state}: nothing is recorded of how it was decided.`] }
    }
    const { outcome, at } = latest
    return { kind: 'explained', explained: { title: stored.policeReference, recorded: { at, triages: triages.length }, outcome } }
  } finally {
    await database.close()
  }
}

async function afresh({ now }: PolicyCommands, file: string, folder: string): Promise<Answer> {
  const read = readJson(await readFile(file))
  const checked = read.kind === 'read' ? readNotification(read.value, now()) : read
  if (checked.kind === 'faults') {
    return {
      kind: 'not explained',
      because: checked.faults.map(({ pointer, detail }) => `${pointer || '(whole file)'}  ${detail}`),
    }
  }
  const { notification } = checked
  const outcome = outcomeOf({ notification, background: nothingLookedUp, packs: await loadPacks(folder) })
  return { kind: 'explained', explained: { title: notification.policeReference, recorded: null, outcome } }
}

/** A file is decided without a database, so what is known elsewhere of its people is unknown here. */
export const nothingLookedUp: Background = {
  earlier: [],
  earlierWholeFrom: null,
  earlierDoubts: ['nothing was looked up'],
  openCases: [],
  establishments: [],
  rolls: [],
  rollsKept: [],
  maracs: [],
  possible: [],
  nearSchools: [],
  badIdentifiers: [],
  childrenSeenBefore: [],
}

function asJson({ title, recorded: record, outcome }: Explained) {
  const { policy, statutory, victimRisk, rulings } = outcome
  return {
    policeReference: title,
    recordedAt: record?.at ?? null,
    policy,
    statutory,
    victimRisk,
    rulings: rulings.map((ruling) => ({ ...ruling, wouldChange: whatWouldChange(ruling) })),
  }
}
