import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * A private folder for one borrowed server, and the sweeping of those whose owner died without cleaning up. A folder names
 * the process that answers for it; when that process is gone (even the supervisor can be killed), whoever starts next
 * stops the server left behind and removes the folder.
 */
const PREFIX = 'daymark-'

/** A process, told apart from a later one that got the same number by the tick at which it started. */
type ProcessMark = { readonly host: string; readonly pid: number; readonly startTick: string }

/** Makes a fresh folder that only this account can list. A root caller's can be entered by the account it runs servers as. */
export function makeRunFolder(what: string): string {
  const base = temporaryBase()
  sweep(base)
  const folder = mkdtempSync(join(base, `${PREFIX}${what}-`))
  if (runsAsRoot()) chmodSync(folder, 0o711)
  claimRunFolder(folder)
  return folder
}

/** States that the calling process answers for the folder from now on. */
export function claimRunFolder(folder: string): void {
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(markOf(process.pid)), { mode: 0o600 })
}

/** Notes the server that runs on the folder, so that a sweep can end it when its supervisor no longer can. */
export function noteServer(folder: string, pid: number, stopSignal: NodeJS.Signals): void {
  writeFileSync(join(folder, 'server.json'), JSON.stringify({ ...markOf(pid), stopSignal }), { mode: 0o600 })
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

function sweep(base: string): void {
  for (const name of readdirSync(base)) {
    if (name.startsWith(PREFIX)) sweepFolder(join(base, name))
  }
}

function sweepFolder(folder: string): void {
  // Only what this account made: another's notes could name any process.
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory() || found.uid !== process.getuid?.()) return
  const owner: ProcessMark | null = readNote(join(folder, 'owner.json'))
  if (owner === null || owner.host !== hostname() || lives(owner)) return
  const server: (ProcessMark & { stopSignal: NodeJS.Signals }) | null = readNote(join(folder, 'server.json'))
  if (server !== null && lives(server)) process.kill(server.pid, server.stopSignal)
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  } catch {
    // Another start is sweeping the same folder, or its server still writes: the next start finishes what this one could not.
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

/** Field 22 of `/proc/<pid>/stat`; empty where there is no such file system, and then the number alone must do. */
function startTick(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
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
