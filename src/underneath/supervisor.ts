/**
 * The process that stands between us and a server we borrow. It holds one end of a pipe; whatever way its parent ends,
 * `kill -9` included, the kernel closes that pipe, and then this process stops the server, removes its folder and leaves.
 * A handler inside the parent could not promise that: a killed process runs no handlers.
 *
 * It is started by `supervised-process.ts` as `node supervisor.ts <folder or ->` and spoken to in lines of JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { claimRunFolder, noteServer, removeRunFolder } from './run-folder.ts'

/** What the parent may ask for: one command to run. Only one runs at a time. */
export type Command = {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The account to run as, where the caller is root and the program refuses to be. */
  readonly account: { readonly uid: number; readonly gid: number } | null
  /** The words in its output that say it serves; null when starting is enough. */
  readonly readyWhen: string | null
  readonly stopSignal: 'SIGINT' | 'SIGTERM' | 'SIGQUIT'
}

/** What the parent is told. */
export type Report =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'ended'; readonly code: number | null; readonly signal: string | null }

/** How long a server may take to stop by itself before it is killed, in milliseconds. */
const STOP_WITHIN_MS = 10_000

let running: { child: ChildProcess; command: Command } | null = null
let leaving = false

function tell(report: Report): void {
  // After the parent is gone there is nobody to tell; the error this causes is handled below, once.
  if (!leaving) process.stdout.write(`${JSON.stringify(report)}\n`)
}

function run(folder: string | null, command: Command): void {
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(command.account ?? {}),
  })
  running = { child, command }
  let ready = false
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (text) => {
      tell({ kind: 'line', text })
      if (ready || command.readyWhen === null || !text.includes(command.readyWhen)) return
      ready = true
      tell({ kind: 'ready' })
    })
  }
  child.on('error', (error) => {
    tell({ kind: 'line', text: error.message })
    if (child.pid === undefined) ended(null, null)
  })
  child.on('close', ended)
  if (child.pid === undefined) return
  if (folder !== null) noteServer(folder, child.pid, command.stopSignal)
  tell({ kind: 'started', pid: child.pid })
  if (command.readyWhen === null) tell({ kind: 'ready' })
}

function ended(code: number | null, signal: string | null): void {
  if (running === null) return
  running = null
  tell({ kind: 'ended', code, signal })
}

async function stopRunning(): Promise<void> {
  if (running === null) return
  const { child, command } = running
  const closed = new Promise((resolve) => child.once('close', resolve))
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  child.kill(command.stopSignal)
  await closed
  clearTimeout(impatience)
}

async function leave(folder: string | null): Promise<void> {
  if (leaving) return
  leaving = true
  await stopRunning()
  if (folder !== null) await removeRunFolder(folder)
  process.exit(0)
}

function supervise(folder: string | null): void {
  if (folder !== null) claimRunFolder(folder)
  // The parent's end of this pipe may go first; that is not our failure, and the closing of stdin tells us what to do.
  process.stdout.on('error', () => undefined)
  const orders = createInterface({ input: process.stdin })
  orders.on('line', (line) => {
    const command: Command = JSON.parse(line)
    if (!leaving && running === null) run(folder, command)
  })
  orders.on('close', () => void leave(folder))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave(folder))
}

if (import.meta.main) supervise(process.argv[2] === '-' ? null : (process.argv[2] ?? null))
