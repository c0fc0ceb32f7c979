import { headingLines, type Stage } from '../terminal/stage.ts'
import type { Clock } from '../words/clock.ts'
import type { ApiClient, Caller } from './api-client.ts'
import { borrowDatabase } from './borrow-database.ts'
import { borrowQueue } from './borrow-queue.ts'
import cast from './cast.json' with { type: 'json' }
import { type Entry, loadDirectory, readDirectory } from './load-directory.ts'
import { londonText } from './london-time.ts'
import { type DemoDaymark, openDaymark } from './open-daymark.ts'
import type { PretendIdentityProvider } from './pretend-identity-provider.ts'
import { askForOutcomes, openPolice } from './pretend-police.ts'
import { openSchools, type PretendSchools } from './pretend-schools.ts'
import { type Collected, startTeam, type TeamOutcome } from './pretend-team.ts'
import { nextUrl, openProvider } from './sign-in.ts'
import { collectedSentence, type Reporter } from './tell-live.ts'

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
  /** Lists what waits on the force's desks, for whoever watches the demo. */
  reviewKey: ApiClient
  /** Where people sign in; null where nobody can. */
  provider: PretendIdentityProvider | null
  /** Who collects from each queue, and the key adult of each school, by recipient. */
  recipients: ReadonlyMap<string, ApiClient>
  /** The dispatches whose outcome the force's own system has heard. */
  outcomesHeard: ReadonlySet<string>
  /** What people call a caller or a recipient, by id. */
  called: (id: string) => string
  /** Somebody came who was not known when everything was set up. */
  introduce: (caller: Caller) => void
  /** From then on what comes into a queue waits for whoever watches the demo. */
  sendTeamsHome: () => Promise<void>
  /** Throws what went wrong in the background, if anything did. */
  check: () => void
}

const HISTORY_HOURS = 2 * 365 * 24

const outcomes: Readonly<Record<string, TeamOutcome>> = cast.outcomes

/** Starts the service with all it stands on, the pretend force, schools and teams, and where people sign in. */
export async function setUp(room: Room, report: Reporter): Promise<Scene> {
  const { stage, held, stopping, wall, environment } = room
  stage.progress('Starting PostgreSQL …')
  const underneath = await borrow(room)
  const entries = await readDirectory()
  const recipients = new Map<string, ApiClient>()
  const faults: unknown[] = []
  const failed = (fault: unknown) => void (stopping.aborted || faults.push(fault))
  const keyAdult = (id: string) => recipients.get(id)
  const { callsDown } = room.pretend
  const schools = await openSchools(held, { entries, callsDown, keyAdult, report, failed, now: wall() })
  const ownSystem = await openPolice(held, cast.force.name, report)
  const { port, url: publicUrl } = await nextUrl()
  const provider = await openProvider(held, publicUrl)
  stopping.throwIfAborted()
  stage.progress('Starting Daymark …')
  const pretendHosts = [...schools.webhooks.values(), ownSystem.receiver, ...(provider ? [provider] : [])]
  const daymark = await openDaymark(held, {
    ...underneath,
    port,
    publicUrl,
    webhookAllow: pretendHosts.map(({ host }) => host),
    mail: schools.mail?.settings ?? null,
    provider,
    logLevel: environment.LOG_LEVEL || 'silent',
    wall,
  })
  const callers = await giveKeys(daymark)
  for (const { id, name } of entries) recipients.set(id, await daymark.newClient(id, name, ['dispatches:collect']))
  stopping.throwIfAborted()
  await loadDirectory(callers.operator, entries, schools.webhooks)
  await askForOutcomes(callers.police, ownSystem)
  // Without it a count of earlier incidents would be "at least", and every rule that counts would ask a person.
  await callers.police.put('/v1/registers/history', { completeFrom: historyFrom(wall()) })
  stage.say(...startedLines(stage, { url: daymark.url, entries, schools, provider }))
  const names = new Map([...entries, ...Object.values(callers), ...recipients.values()].map(({ id, name }) => [id, name]))
  const sendTeamsHome = startTeams(entries, { recipients, report, failed })
  held.defer(sendTeamsHome)
  return {
    daymark,
    ...callers,
    provider,
    recipients,
    outcomesHeard: ownSystem.heard,
    called: (id) => names.get(id) ?? id,
    introduce: ({ id, name }) => void names.set(id, name),
    sendTeamsHome,
    check: () => throwFirst(faults),
  }
}

/** Everybody who calls with a key, beside the recipients. */
async function giveKeys({ newClient }: DemoDaymark) {
  const { agency, name } = cast.force
  return {
    operator: await newClient('operator', 'The operator', ['directory:write', 'audit:read']),
    police: await newClient(agency, name, ['notifications:write', 'notifications:read', 'registers:write']),
    auditor: await newClient(agency, 'An auditor', ['audit:read', 'notifications:read']),
    reviewKey: await newClient(agency, 'A reviewer', ['desk:decide', 'notifications:read']),
  }
}

function startTeams(
  entries: readonly Entry[],
  at: { recipients: ReadonlyMap<string, ApiClient>; report: Reporter; failed: (fault: unknown) => void },
): () => Promise<void> {
  const { recipients, report, failed } = at
  const teams = entries.flatMap(({ id, channel, service }) => {
    const client = recipients.get(id)
    if (channel.kind !== 'pull_queue' || !client) return []
    const outcome = outcomes[service] ?? null
    const collected = (dispatch: Collected) => report(client.name, collectedSentence(dispatch, outcome))
    return [startTeam({ client, queueId: id, outcome, failed, collected })]
  })
  return async () => void (await Promise.all(teams.map((sendHome) => sendHome())))
}

async function borrow({ stage, held, environment }: Room): Promise<{ databaseUrl: string; redisUrl: string | null }> {
  const database = await borrowDatabase(held, environment.DATABASE_URL)
  const queue = await borrowQueue(held, environment.REDIS_URL)
  stage.say(
    ...headingLines(stage, 'Daymark: one evening, played through', 'every name is invented'),
    `  ${stage.paint('dim', 'PostgreSQL')}  ${database.from}`,
    `  ${stage.paint('dim', 'Queue')}       ${queue.from}`,
  )
  return { databaseUrl: database.url, redisUrl: queue.url }
}

/** Two years ago: longer than any rule looks back. */
function historyFrom(now: Temporal.Instant): string {
  return londonText(now.subtract({ hours: HISTORY_HOURS }))
}

function startedLines(
  { paint }: Stage,
  at: { url: string; entries: readonly Entry[]; schools: PretendSchools; provider: PretendIdentityProvider | null },
): string[] {
  const { url, entries, schools, provider } = at
  const { webhooks, mail } = schools
  const called = `${webhooks.size} of them schools with a webhook`
  const mailed = mail
    ? `a pretend mail server, encrypted, on port ${mail.settings.port}`
    : 'none (smtp-server is not installed): every school has a webhook'
  const signsIn = provider
    ? `a pretend identity provider (OpenID Connect) on port ${new URL(provider.issuer).port}`
    : 'nobody (oidc-provider is not installed): reviewers call with a key'
  return [
    `  ${paint('dim', 'E-mail')}      ${mailed}`,
    `  ${paint('dim', 'Sign-in')}     ${signsIn}`,
    `  ${paint('dim', 'API')}         ${url}, with a worker in the same process`,
    `  ${paint('dim', 'Directory')}   ${entries.length} recipients imported, ${called}${mail ? ', one with e-mail' : ''}`,
  ]
}

function throwFirst(faults: readonly unknown[]): void {
  if (faults.length > 0) throw faults[0]
}
