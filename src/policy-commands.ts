import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from './config.ts'
import type { Output } from './terminal/stage.ts'
import type { Clock } from './words/clock.ts'

/** What the commands about packs are given by `main`. */
export interface PolicyCommands {
  /** Read when a command needs it: checking a pack needs no settings. */
  config: () => Config
  now: Clock
  out: Output
  /** Progress goes here, so that what is piped on holds the answer alone. */
  err: Output
  /** Ends the process with this code when everything has been said. */
  leaveWith: (code: number) => void
}

const EXAMPLES = 3

/** `policy check | explain | replay`: for a lead who writes a pack, and for anyone who asks why. */
export function addPolicyCommands(policy: Command, to: PolicyCommands): void {
  policy
    .command('check')
    .description('read a pack, or every pack in a folder, and name every fault by its line')
    .argument('[path]', 'a pack, or the folder where they stand', 'policies')
    .option('--json', 'print JSON')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { checkPolicies } = await import('./policy-check.ts')
      to.leaveWith(await checkPolicies(to, { path, json: json === true }))
    })
  policy
    .command('explain')
    .description('say which rules fired, which did not, which cannot tell, and what would have changed it')
    .argument('<what>', 'ntf_…, as it was decided; or a file with one notification, decided afresh on an empty history')
    .option('--policies <folder>', 'for a file: where the packs stand', 'policies')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nPeople are named by their refs alone.')
    .action(async (what: string, { policies, json }: { policies: string; json?: boolean }) => {
      const { explainPolicy } = await import('./policy-explain.ts')
      to.leaveWith(await explainPolicy(to, { what, policies, json: json === true }))
    })
  policy
    .command('replay')
    .description('hold a changed pack against what was recorded: who would now be told, no longer, sooner or later')
    .requiredOption('--pack <file>', 'the changed pack')
    .option('--from <date>', 'reported on this day in London or later', readDate)
    .option('--to <date>', 'reported on this day in London or before', readDate)
    .option('--area <area>', 'only what was decided under this area’s procedure')
    .option('--examples <count>', 'how many references to show for each difference', readCount, EXAMPLES)
    .option('--json', 'print JSON')
    .action(async (asked: { pack: string; from?: string; to?: string; area?: string; examples: number; json?: boolean }) => {
      const { replayPolicy } = await import('./policy-replay.ts')
      to.leaveWith(await replayPolicy(to, { ...asked, json: asked.json === true }))
    })
}

function readDate(text: string): string {
  try {
    return Temporal.PlainDate.from(text).toString()
  } catch {
    throw new InvalidArgumentError('write a date as 2026-01-31')
  }
}

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 0 || count > 1000) throw new InvalidArgumentError('write a number from 0 to 1000')
  return count
}
