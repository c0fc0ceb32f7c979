import { setTimeout as pause } from 'node:timers/promises'
import { headingLines, type Stage } from '../terminal/stage.ts'
import type { Clock } from '../words/clock.ts'
import type { ApiClient } from './api-client.ts'
import { borrowDatabase } from './borrow-database.ts'
import { borrowQueue } from './borrow-queue.ts'
import cast from './cast.json' with { type: 'json' }
import { type Entry, loadDirectory, readDirectory } from './load-directory.ts'
import { londonText } from './london-time.ts'
import { type DemoDaymark, openDaymark } from './open-daymark.ts'
import { type Heard, openSchool, type PretendSchool } from './pretend-school.ts'
import { type Collected, startTeam } from './pretend-team.ts'
import { alertSentence, collectedSentence, type Reporter } from './tell-live.ts'

/** What a demo is played with. */
export interface Room {
  stage: Stage
  /** What is given back at the end, newest first. */
  held: AsyncDisposableStack
  environment: Readonly<Record<string, string | undefined>>
  wall: Clock
  /** Aborted when somebody asks the demo to stop. */
  stopping: AbortSignal
  pretend: Pretend
}

/** The pretend parts, as the demo has them or as a test wants them. */
export interface Pretend {
  /** How many calls a school's server is down for. */
  callsDown: (schoolId: string) => number
  /** How long the demo waits until everybody has what is theirs. */
  patienceMs: number
}

/** Everything that runs while the demo is played. */
export interface Scene {
  daymark: DemoDaymark
  police: ApiClient
  auditor: ApiClient
  /** Who collects from each queue, and the key adult of each school, by recipient. */
  recipients: ReadonlyMap<string, ApiClient>
  /** What people call a client or a recipient, by id. */
  called: (id: string) => string
  /** From then on what comes into a queue waits for whoever watches the demo. */
  sendTeamsHome: () => Promise<void>
  /** Throws what went wrong in the background, if anything did. */
  check: () => void
}

/** Where everything runs, in words. */
interface Underneath {
  databaseUrl: string
  redisUrl: string | null
}

/** A key adult reads before saying so; the timeline then shows the delivery before its acknowledgement. */
const KEY_ADULT_READS_MS = 300

const HISTORY_HOURS = 2 * 365 * 24

/** Starts the service with all it stands on, the pretend schools and the pretend teams. */
export async function setUp(room: Room, report: Reporter): Promise<Scene> {
  const { stage, held, stopping } = room
  stage.progress('Starting PostgreSQL …')
  const underneath = await borrow(room)
  const entries = await readDirectory()
  const keyAdults = new Map<string, ApiClient>()
  const faults: unknown[] = []
  const failed = (fault: unknown) => void (stopping.aborted || faults.push(fault))
  const schools = await openSchools(room, entries, (entry, heard) => {
    answerAlert({ entry, heard, keyAdult: keyAdults.get(entry.id), report }).catch(failed)
  })
  stopping.throwIfAborted()
  stage.progress('Starting Daymark …')
  const daymark = await openDaymark(held, {
    ...underneath,
    webhookAllow: [...schools.values()].map(({ host }) => host),
    logLevel: room.environment.LOG_LEVEL || 'silent',
    wall: room.wall,
  })
  const { force } = cast
  const operator = await daymark.newClient('operator', 'The operator', ['directory:write', 'audit:read'])
  const police = await daymark.newClient(force.agency, force.name, [
    'notifications:write',
    'notifications:read',
    'registers:write',
  ])
  const auditor = await daymark.newClient(force.agency, 'An auditor', ['audit:read', 'notifications:read'])
  const recipients = new Map<string, ApiClient>()
  for (const { id, name, channel } of entries) {
    const client = await daymark.newClient(id, name, ['dispatches:collect'])
    recipients.set(id, client)
    if (channel.kind === 'webhook') keyAdults.set(id, client)
  }
  stopping.throwIfAborted()
  await loadDirectory(operator, entries, schools)
  // Without it a count of earlier incidents would be "at least", and every rule that counts would ask a person.
  await police.put('/v1/registers/history', { completeFrom: historyFrom(room.wall()) })
  stage.say(...startedLines(stage, daymark.url, entries))
  const called = calledBy(entries, [operator, police, auditor, ...recipients.values()])
  const teams = entries.flatMap(({ id, channel }) => {
    const client = recipients.get(id)
    if (channel.kind !== 'pull_queue' || !client) return []
    const collected = (dispatch: Collected) => report(client.name, collectedSentence(dispatch))
    return [startTeam({ client, queueId: id, failed, collected })]
  })
  const sendTeamsHome = async () => void (await Promise.all(teams.map((sendHome) => sendHome())))
  held.defer(sendTeamsHome)
  return { daymark, police, auditor, recipients, called, sendTeamsHome, check: () => throwFirst(faults) }
}

async function borrow({ stage, held, environment }: Room): Promise<Underneath> {
  const database = await borrowDatabase(held, environment.DATABASE_URL)
  const queue = await borrowQueue(held, environment.REDIS_URL)
  stage.say(
    ...headingLines(stage, 'Daymark: one evening, played through', 'every name is invented'),
    `  ${stage.paint('dim', 'PostgreSQL')}  ${database.from}`,
    `  ${stage.paint('dim', 'Queue')}       ${queue.from}`,
  )
  return { databaseUrl: database.url, redisUrl: queue.url }
}

async function openSchools(
  { held, pretend }: Room,
  entries: readonly Entry[],
  heard: (entry: Entry, heard: Heard) => void,
): Promise<Map<string, PretendSchool>> {
  const schools = new Map<string, PretendSchool>()
  for (const entry of entries) {
    if (entry.channel.kind !== 'webhook') continue
    const callsDown = pretend.callsDown(entry.id)
    schools.set(entry.id, await openSchool(held, { id: entry.id, callsDown, heard: (what) => heard(entry, what) }))
  }
  return schools
}

/** What happens at a school when a call comes in: its system says what it saw, and its key adult acknowledges an alert. */
async function answerAlert(call: { entry: Entry; heard: Heard; keyAdult: ApiClient | undefined; report: Reporter }) {
  const { entry, heard, keyAdult, report } = call
  if (heard.kind === 'down') return report(entry.name, '! its server is down and answers 500')
  if (heard.kind === 'not signed by us') return report(entry.name, '✗ refuses a call that is not signed with its secret')
  report(entry.name, alertSentence(heard))
  await pause(KEY_ADULT_READS_MS)
  if (!keyAdult) throw new Error(`${entry.name} has no key to acknowledge with`)
  const who = entry.contacts?.find(({ role }) => role === 'key_adult')?.name ?? 'the key adult'
  await keyAdult.post(`/v1/dispatches/${heard.dispatchId}/acknowledgement`, { by: 'key adult' })
  report(entry.name, `✓ ${who}, key adult, acknowledges`)
}

/** Two years ago: longer than any rule looks back. */
function historyFrom(now: Temporal.Instant): string {
  return londonText(now.subtract({ hours: HISTORY_HOURS }))
}

function startedLines({ paint }: Stage, url: string, entries: readonly Entry[]): string[] {
  const schools = entries.filter(({ channel }) => channel.kind === 'webhook').length
  return [
    `  ${paint('dim', 'API')}         ${url}, with a worker in the same process`,
    `  ${paint('dim', 'Directory')}   ${entries.length} recipients imported, ${schools} of them schools with a webhook`,
  ]
}

function calledBy(entries: readonly Entry[], clients: readonly ApiClient[]): (id: string) => string {
  const names = new Map([...entries, ...clients].map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}

function throwFirst(faults: readonly unknown[]): void {
  if (faults.length > 0) throw faults[0]
}
