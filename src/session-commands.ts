import type { Command } from 'commander'
import { endSessions, type ListedSession, listSessions } from './access/session-store.ts'
import { IDLE_MS } from './access/sessions.ts'
import type { Db } from './database/connection.ts'
import type { Clock } from './words/clock.ts'

/** What the commands need of the terminal and of this machine. */
export interface SessionCommands {
  /** Runs something with the login's own rights. */
  withOwnDatabase: <T>(work: (db: Db) => Promise<T>) => Promise<T>
  now: Clock
  say: (line: string) => void
  leaveWith: (code: number) => void
}

/** `sessions list` and `sessions revoke`, for the operator at a terminal: by ids, for a terminal keeps what it shows. */
export function addSessionCommands(sessions: Command, { withOwnDatabase, now, say, leaveWith }: SessionCommands): void {
  sessions
    .command('list')
    .description('who is signed in, by ids')
    .action(async () => {
      const at = now()
      const living = (db: Db) => db.transaction().execute((trx) => listSessions(trx, at, at.subtract({ milliseconds: IDLE_MS })))
      for (const session of await withOwnDatabase(living)) say(lineOf(session))
    })
  sessions
    .command('revoke')
    .description('end a session; the next request with it is refused')
    .argument('<id>', 'ses_…')
    .action(async (id: string) => {
      const how = { at: now(), by: 'operator', why: 'revoked' } as const
      const ended =
        isSession(id) &&
        (await withOwnDatabase((db) => db.transaction().execute((trx) => endSessions(trx, { kind: 'one', id }, how))))
      say(ended ? 'Ended.' : 'There is no living session with that id.')
      if (!ended) leaveWith(1)
    })
}

const isSession = (id: string): id is `ses_${string}` => id.startsWith('ses_')

function lineOf({ id, person, agency, seenAt, scopes }: ListedSession): string {
  return `${id}  ${agency.padEnd(24)} ${person}  seen ${seenAt.round('minute')}  ${scopes.join(',')}`
}
