/**
 * A changed pack replayed over stored records: `node bench/replay-alone.ts postgres://…/ [count]`. It makes a database of its
 * own on that server, fills it, replays twice through the command as a lead would, prints what the second took and drops the
 * database. Where others use the machine, `processorSeconds` of the command says more than `seconds` by the clock.
 */
import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { CompiledQuery } from 'kysely'
import pg from 'pg'
import { newDaymarkKeys } from '../src/config.ts'
import { type Database, openDatabase } from '../src/database/connection.ts'
import { migrate } from '../src/database/migrate.ts'
import { newId } from '../src/database/new-id.ts'
import { newDataKey, readKeyRing } from '../src/database/sealing.ts'
import { sealRecord, type Triage } from '../src/intake/record.ts'
import { loadPacks } from '../src/policy/load.ts'
import { nothingLookedUp } from '../src/policy-explain.ts'
import { progressLine } from '../src/terminal/progress-bar.ts'
import { openStage } from '../src/terminal/stage.ts'
import { outcomeWithFacts } from '../src/triage/rulings.ts'
import { loadAverage } from './machine.ts'
import { AUTHORITY, aNotification } from './notifications.ts'
import { answer } from './programs.ts'

const [, , server = '', counted = '100000'] = process.argv
const COUNT = Number(counted)
const BATCH = 500
const FAMILIES = 300
const GRADES = ['standard', 'medium', 'high'] as const
const NAME = `daymark_replay_${process.pid}`
const policies = fileURLToPath(new URL('../policies', import.meta.url))
const keys = newDaymarkKeys()
const ring = readKeyRing(keys)
const reportedAt = Temporal.Now.instant().round('second')
const stage = openStage(process.stderr, () => undefined)

/** What triage made of a few hundred families; every stored record is one of these, sealed by a key of its own. */
async function triages(): Promise<Triage[]> {
  const packs = await loadPacks(policies)
  return Array.from({ length: FAMILIES }, (_, index) => {
    const notification = aNotification(index, reportedAt)
    for (const one of notification.riskAssessments ?? []) one.grade = GRADES[index % GRADES.length] ?? 'high'
    const { outcome, facts } = outcomeWithFacts({ notification, background: nothingLookedUp, packs })
    return { at: reportedAt.toString(), background: nothingLookedUp, facts, outcome, notDispatched: [] }
  })
}

const FILL = `
  with keys as (
    insert into data_key (notification_id, wrapped, wrapped_by)
    select x.id, x.wrapped, $3 from unnest($1::text[], $2::bytea[]) as x(id, wrapped))
  insert into notification (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, received_by,
                            state, body_hmac, record, policy_area, triaged_at)
  select x.id, 'police-bench', 'BENCH-' || right(x.id, 12), 1, $5, $6, $6, $6, 'cli_bench', 'triaged', '', x.record, $7, $6
  from unnest($1::text[], $4::bytea[]) as x(id, record)`

async function fill(database: Database): Promise<void> {
  const known = await triages()
  const area = known[0]?.outcome.policy?.area ?? null
  const startedAt = performance.now()
  for (let done = 0; done < COUNT; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, COUNT - done) }, (_, at) => {
      const id = newId('ntf')
      const { key, wrapped } = newDataKey(ring, id)
      const triage = known[(done + at) % FAMILIES]
      return { id, wrapped, record: sealRecord(key, id, { triages: triage === undefined ? [] : [triage] }) }
    })
    const ids = rows.map(({ id }) => id)
    const wrapped = rows.map((row) => row.wrapped)
    const records = rows.map(({ record }) => record)
    await database.kysely.executeQuery(
      CompiledQuery.raw(FILL, [ids, wrapped, ring.first.id, records, AUTHORITY, reportedAt, area]),
    )
    const progress = { done: done + rows.length, total: COUNT, elapsedMs: performance.now() - startedAt }
    stage.progress(progressLine(progress, 'records stored'))
  }
  stage.progress('')
}

/** The pack in force, with social care given twice the time for a notification. */
async function changedPack(): Promise<string> {
  const packs = await loadPacks(policies)
  const edition = packs.editionFor(AUTHORITY, reportedAt.toZonedDateTimeISO('Europe/London').toPlainDate().toString())
  if (edition === null) throw new Error('There is no pack for the bench’s authority')
  const pack = await readFile(join(policies, `${edition.label}.yaml`), 'utf8')
  const file = join(tmpdir(), `${NAME}.yaml`)
  await writeFile(file, pack.replaceAll('kind: notification }', 'kind: notification, within: 48 hours }'))
  return file
}

interface Replayed {
  notifications: number
  changed: number
  /** By the clock. */
  seconds: number
  /** Of the command's own process, user and system. */
  processorSeconds: number
}

/** The shell says after the report what its child took of the processor: two lines, its own and its child's. */
const AND_TIMES = '"$0" "$@"; echo; times'

async function replay(url: string, file: string): Promise<Replayed> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const startedAt = performance.now()
  const child = spawn('/bin/sh', ['-c', AND_TIMES, process.execPath, main, 'policy', 'replay', '--pack', file, '--json'], {
    env: { ...process.env, DATABASE_URL: url, DAYMARK_KEYS: keys },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const out = await text(child.stdout)
  const seconds = (performance.now() - startedAt) / 1000
  const { notifications, changed } = JSON.parse(out.slice(0, out.lastIndexOf('}') + 1))
  const [, childs = ''] = out.trimEnd().split('\n').slice(-2)
  const processorSeconds = [...childs.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0)
  return { notifications, changed, seconds, processorSeconds }
}

const admin = new pg.Client({ connectionString: server })
await admin.connect()
await admin.query(`create database ${NAME}`)
try {
  const url = new URL(server)
  url.pathname = `/${NAME}`
  await migrate(url.href, keys)
  const database = openDatabase(url.href, null, 2)
  await fill(database)
  await database.close()
  const file = await changedPack()
  await replay(url.href, file)
  answer({ ...(await replay(url.href, file)), loadAverage: loadAverage() })
  await rm(file)
} finally {
  await admin.query(`drop database if exists ${NAME} with (force)`)
  await admin.end()
}
