import { Command, InvalidArgumentError } from 'commander'
import { type Scope, scopes } from './access/scopes.ts'
import { ConfigFault, readApiKey, readConfig } from './config.ts'
import { addPolicyCommands } from './policy-commands.ts'
import { addSessionCommands } from './session-commands.ts'

/** The only place that knows this machine's clock, and with `config.ts` the only one that knows its environment. */
const wall = () => Temporal.Now.instant()
const environment = process.env
/** Some of it was done, and some was refused. */
const PARTLY = 3
const STOPPED_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

const program = new Command('daymark')
  .description("Routes police domestic-abuse notifications by each area's own procedure, on time, and proves it.")
  .showHelpAfterError()
  .showSuggestionAfterError()

program
  .command('serve')
  .description('answer the API')
  .action(async () => {
    const { serve } = await import('./serve.ts')
    untilAskedToStop(await serve(readConfig(environment), wall))
  })

program
  .command('worker')
  .description('triage notifications, send webhooks, watch deadlines')
  .action(async () => {
    const { work } = await import('./worker.ts')
    untilAskedToStop(await work(readConfig(environment), wall))
  })

program
  .command('migrate')
  .description('bring the database up to date; may run twice, and by two processes at once')
  .action(async () => {
    const { migrate } = await import('./database/migrate.ts')
    const config = readConfig(environment)
    await migrate(config.databaseUrl, config.daymarkKeys)
    say('The database is up to date.')
  })

program
  .command('doctor')
  .description('look whether everything here can carry a child’s safety, and say what to do where it cannot')
  .action(async () => {
    const { examine } = await import('./doctor.ts')
    const findings = await examine(readConfig(environment), wall)
    for (const { mark, part, detail } of findings) say(`${mark}  ${part.padEnd(14)} ${detail}`)
    if (findings.some(({ mark }) => mark === 'FAULT')) process.exitCode = 1
  })

program
  .command('demo')
  .description('start everything embedded and play one evening through')
  .option('--once', 'leave after the timeline; non-zero if anything due was not delivered')
  .action(async ({ once }: { once?: boolean }) => {
    const { demo } = await import('./demo/demo.ts')
    process.exitCode = await demo({ once: once === true, environment, wall })
  })

program
  .command('submit')
  .description('send one notification from a file, or - for standard input')
  .argument('<file>')
  .option('--url <url>', 'where the API answers', 'http://127.0.0.1:3000')
  .addHelpText('after', '\nThe key is read from DAYMARK_API_KEY, so that it stands in no process list.')
  .action(async (file: string, { url }: { url: string }) => {
    const { submit } = await import('./submit.ts')
    const { accepted, answer } = await submit({ url, key: readApiKey(environment) }, file)
    say(answer)
    if (!accepted) process.exitCode = 1
  })

program
  .command('import')
  .description('send many notifications, one a line, and show what became of each that was refused')
  .argument('<file>')
  .option('--url <url>', 'where the API answers', 'http://127.0.0.1:3000')
  .addHelpText('after', '\nThe key is read from DAYMARK_API_KEY, so that it stands in no process list.')
  .action(async (file: string, { url }: { url: string }) => {
    const { importFile } = await import('./submit.ts')
    const imported = await importFile({ url, key: readApiKey(environment) }, file, (lines, part) =>
      progress(`${lines} lines answered${part === null ? '' : `, ${Math.round(part * 100)} % of the file sent`}`),
    )
    progress('')
    for (const { line, errors } of imported.refused) {
      for (const { pointer, detail } of errors) say(`line ${line}  ${pointer || '(whole line)'}  ${detail}`)
    }
    say(`${imported.accepted} taken in, ${imported.replayed} known already, ${imported.refused.length} refused.`)
    if (imported.refused.length > 0) process.exitCode = PARTLY
  })

const keys = program.command('keys').description('API keys of agencies')
keys
  .command('create')
  .description('make a key and print it, this once and alone')
  .requiredOption('--agency <id>', 'the agency it acts for, for example police-derbyshire')
  .requiredOption('--scopes <list>', `comma-separated: ${scopes.join(', ')}`, readScopes)
  .action(async ({ agency, scopes: granted }: { agency: string; scopes: Scope[] }) => {
    const { createKey } = await import('./access/keys-store.ts')
    say((await withOwnDatabase((db) => createKey(db, agency, granted, wall()))).key)
  })
keys
  .command('list')
  .description('every key ever made, without its secret')
  .action(async () => {
    const { listKeys } = await import('./access/keys-store.ts')
    for (const key of await withOwnDatabase(listKeys)) {
      say(
        `${key.id}  ${key.agency.padEnd(24)} ${key.revoked_at ? `revoked ${key.revoked_at}` : 'living'}  ${key.scopes.join(',')}`,
      )
    }
  })
keys
  .command('revoke')
  .description('end a key; processes forget it within five seconds')
  .argument('<id>', 'cli_…')
  .action(async (id: string) => {
    const { revokeKey } = await import('./access/keys-store.ts')
    const revoked = await withOwnDatabase((db) => revokeKey(db, id, wall()))
    say(revoked ? 'Revoked.' : 'There is no living key with that id.')
    if (!revoked) process.exitCode = 1
  })

program
  .command('audit')
  .description('the record')
  .command('verify')
  .description('walk every chain of events and say where one breaks')
  .action(async () => {
    const { verifyChains } = await import('./audit/verify.ts')
    const { walked, broken } = await withOwnDatabase((db) => verifyChains(db, (count) => progress(`${count} events walked`)))
    for (const { stream, seq, why } of broken) say(`BROKEN  ${stream} at event ${seq}: ${why}`)
    say(
      `${walked.events} events in ${walked.streams} streams: ${broken.length === 0 ? 'every chain holds' : `${broken.length} broken`}.`,
    )
    if (broken.length > 0) process.exitCode = 1
  })

addSessionCommands(program.command('sessions').description('sessions of people who have signed in'), {
  withOwnDatabase,
  now: wall,
  say,
  leaveWith: (code) => {
    process.exitCode = code
  },
})

addPolicyCommands(program.command('policy').description('policy packs: check one, explain a notification, replay a change'), {
  config: () => readConfig(environment),
  now: wall,
  out: process.stdout,
  err: process.stderr,
  leaveWith: (code) => {
    process.exitCode = code
  },
})

/** Runs something with the login's own rights: these are the operator's commands. */
async function withOwnDatabase<T>(work: (db: import('./database/connection.ts').Db) => Promise<T>): Promise<T> {
  const { openDatabase } = await import('./database/connection.ts')
  const database = openDatabase(readConfig(environment).databaseUrl, null, 2)
  try {
    return await work(database.kysely)
  } finally {
    await database.close()
  }
}

function readScopes(list: string): Scope[] {
  const wanted = list.split(',').map((scope) => scope.trim())
  const unknown = wanted.filter((scope) => !scopes.some((known) => known === scope))
  if (unknown.length > 0)
    throw new InvalidArgumentError(`there is no scope ${unknown.join(', ')}; the scopes are ${scopes.join(', ')}`)
  return scopes.filter((scope) => wanted.includes(scope))
}

/** Stops once on the first signal; a second one does not wait. */
function untilAskedToStop(running: { stop: () => Promise<void> }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(STOPPED_BY_SIGNAL[signal]))
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
}

function fileIsMissing(fault: Error): boolean {
  return 'code' in fault && fault.code === 'ENOENT' && 'path' in fault
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line that counts up, on a terminal only. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

try {
  await program.parseAsync()
} catch (fault) {
  // What the operator can mend is told in one sentence; anything else keeps its stack.
  const known = fault instanceof ConfigFault || (fault instanceof Error && ('remedy' in fault || fileIsMissing(fault)))
  process.stderr.write(`${fault instanceof Error ? (known ? fault.message : fault.stack) : String(fault)}\n`)
  process.exitCode = 1
}
