import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * A private folder for one borrowed server, and the sweeping of those whose owner died without cleaning up. A folder names
 * the process that answers for it; when that process is gone (even the supervisor can be killed), whoever starts next
 * stops the server left behind and removes the folder.
 */
const PREFIX = 'daymark-run-'
const OWNER_NOTE = 'owner.json'
const SERVER_NOTE = 'server.json'

/** How old a folder that names nobody must be before it is taken for one whose maker died at once, in milliseconds. */
const UNCLAIMED_MS = 10 * 60_000
/** How long a server left behind may take to stop by itself, in milliseconds, and how often we look. */
const END_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 20

/** A process, told apart from a later one that got the same number by the tick at which it started. */
type ProcessMark = { readonly host: string; readonly pid: number; readonly startTick: string }

/** Makes a fresh folder that only this account can list. A root caller's can be entered by the account it runs servers as. */
export async function makeRunFolder(what: string): Promise<string> {
  const base = temporaryBase()
  await sweep(base)
  const folder = mkdtempSync(join(base, `${PREFIX}${what}-`))
  if (runsAsRoot()) chmodSync(folder, 0o711)
  claimRunFolder(folder)
  return folder
}

/** States that the calling process answers for the folder from now on. */
export function claimRunFolder(folder: string): void {
  writeFileSync(join(folder, OWNER_NOTE), JSON.stringify(markOf(process.pid)), { mode: 0o600 })
}

/** Notes the server that runs on the folder, so that a sweep can end it when its supervisor no longer can. */
export function noteServer(folder: string, pid: number, stopSignal: NodeJS.Signals): void {
  writeFileSync(join(folder, SERVER_NOTE), JSON.stringify({ ...markOf(pid), stopSignal }), { mode: 0o600 })
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0
}

/** Whether any account may walk down to this folder. Below a 0700 folder, such as root's home, none but its owner may. */
export function openToAll(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false
  const above = dirname(folder)
  return above === folder || openToAll(above)
}

/** The system's temporary folder, unless a root caller's is closed to the account its servers run as. */
function temporaryBase(): string {
  const base = tmpdir()
  return !runsAsRoot() || openToAll(base) ? base : '/tmp'
}

async function sweep(base: string): Promise<void> {
  const names = readdirSync(base).filter((name) => name.startsWith(PREFIX))
  await Promise.all(names.map((name) => sweepFolder(join(base, name))))
}

async function sweepFolder(folder: string): Promise<void> {
  // Only what this account made: another's notes could name any process.
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory() || found.uid !== process.getuid?.()) return
  const owner: ProcessMark | null = readNote(join(folder, OWNER_NOTE))
  const deserted = owner === null ? Date.now() - found.mtimeMs > UNCLAIMED_MS : owner.host === hostname() && !lives(owner)
  if (!deserted) return
  const server: (ProcessMark & { stopSignal: NodeJS.Signals }) | null = readNote(join(folder, SERVER_NOTE))
  if (server !== null) await end(server, server.stopSignal)
  await removeRunFolder(folder)
}

async function end(server: ProcessMark, stopSignal: NodeJS.Signals): Promise<void> {
  const deadline = performance.now() + END_WITHIN_MS
  if (lives(server)) process.kill(server.pid, stopSignal)
  while (lives(server) && performance.now() < deadline) await pause(LOOK_EVERY_MS)
  if (lives(server)) process.kill(server.pid, 'SIGKILL')
}

/** Removes a folder, its notes last: while they stand, another sweep can finish what this one did not. */
export async function removeRunFolder(folder: string): Promise<void> {
  const thoroughly = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }
  try {
    for (const name of readdirSync(folder)) {
      if (name !== OWNER_NOTE) await rm(join(folder, name), thoroughly)
    }
    await rm(folder, thoroughly)
  } catch {
    // Somebody else removes it too, or a process of its server still writes: the next start's sweep finds it again.
  }
}

function markOf(pid: number): ProcessMark {
  return { host: hostname(), pid, startTick: startTick(pid) }
}

function lives(mark: ProcessMark): boolean {
  try {
    process.kill(mark.pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return startTick(mark.pid) === mark.startTick
}

/**
 * Field 22 of `/proc/<pid>/stat`; empty where there is no such file system, and then the number alone must do. A process
 * that has ended and was never fetched by its parent, common in a container whose first process fetches none, has none.
 */
function startTick(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

function readNote<Note>(file: string): Note | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not written yet, or half written by a process that died: there is no one to ask, so the folder is left alone.
    return null
  }
}
