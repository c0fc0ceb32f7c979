import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Command, Report } from './supervisor.ts'

/** A program that ends when we do, however we end. See `supervisor.ts`. */
export type SupervisedProcess = {
  /** Runs a server and waits until it says that it serves. Throws what it said when it ends first. */
  serve(command: Command): Promise<void>
  /** Runs a program to its end. Throws what it said when it fails. */
  finish(command: Command): Promise<void>
  /** The server's process id; 0 while none runs. */
  pid(): number
  /** Ends the server with this signal and waits until it is gone. The supervisor stays, so that it can be served again. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Stops what runs, removes the folder and lets the supervisor go. May be called twice. */
  stop(): Promise<void>
}

/** How many of the last lines of output stand in an error. */
const LINES_IN_ERROR = 20

/** Starts a supervisor, which has nothing to run yet. `onLine` hears each line that its program says. */
export function superviseProcess(folder: string | null, onLine: (text: string) => void): SupervisedProcess {
  const supervisor = startSupervisor(folder)
  const state: State = { pid: 0, lines: [], waiting: new Set(), over: null, onLine }
  createInterface({ input: supervisor.stdout }).on('line', (line) => take(state, JSON.parse(line)))
  const gone = goneFrom(supervisor, state)
  const holding = holdOpen(supervisor)

  const hear = async (wanted: Report['kind']): Promise<Report> => {
    if (state.over !== null) return state.over
    holding.hold()
    try {
      return await new Promise<Report>((resolve) => state.waiting.add({ wanted, resolve }))
    } finally {
      holding.release()
    }
  }
  const run = (command: Command, wanted: Report['kind']): Promise<Report> => {
    state.lines = []
    const heard = hear(wanted)
    supervisor.stdin.write(`${JSON.stringify(command)}\n`)
    return heard
  }
  return {
    async serve(command) {
      const report = await run(command, 'ready')
      if (report.kind === 'ended') throw new EndedEarly(command.program, report, state.lines)
    },
    async finish(command) {
      const report = await run(command, 'ended')
      if (report.kind === 'ended' && report.code !== 0) throw new EndedEarly(command.program, report, state.lines)
    },
    pid: () => state.pid,
    async kill(signal) {
      if (state.pid === 0) return
      const end = hear('ended')
      process.kill(state.pid, signal)
      await end
    },
    async stop() {
      holding.hold()
      supervisor.stdin.end()
      await gone
    },
  }
}

/**
 * `detached` gives it a session of its own: Ctrl-C at a terminal reaches us and not the servers we still need to close our
 * connections to. It inherits no flags and no environment, or a debugger's port would be opened twice.
 */
function startSupervisor(folder: string | null): ChildProcessByStdio<Writable, Readable, null> {
  const script = fileURLToPath(new URL('./supervisor.ts', import.meta.url))
  return spawn(process.execPath, ['--no-warnings', script, folder ?? '-'], {
    detached: true,
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** Settles when the supervisor is gone. Whoever waits for its program then hears that this has ended too. */
function goneFrom(supervisor: ChildProcessByStdio<Writable, Readable, null>, state: State): Promise<void> {
  // A supervisor killed from outside breaks the pipe; that shows as its end and needs no second telling.
  supervisor.stdin.on('error', () => undefined)
  return new Promise((resolve) => {
    const tell = (signal: string) => {
      state.over = { kind: 'ended', code: null, signal }
      take(state, state.over)
      resolve()
    }
    supervisor.once('close', () => tell('the end of its supervisor'))
    supervisor.once('error', (error) => tell(error.message))
  })
}

/** A program that ended before it served, with the last of what it said. */
export class EndedEarly extends Error {
  readonly lines: readonly string[]
  constructor(program: string, report: { code: number | null; signal: string | null }, lines: readonly string[]) {
    const how = report.code === null ? `by ${report.signal ?? 'not starting'}` : `with code ${report.code}`
    super([`${program} ended ${how}. It said:`, ...lines].join('\n'))
    this.lines = [...lines]
  }
}

type State = {
  pid: number
  lines: string[]
  readonly waiting: Set<{ readonly wanted: Report['kind']; readonly resolve: (report: Report) => void }>
  /** The last report of all, once the supervisor is gone: nothing more will come. */
  over: Report | null
  readonly onLine: (text: string) => void
}

function take(state: State, report: Report): void {
  if (report.kind === 'line') {
    state.lines = [...state.lines, report.text].slice(-LINES_IN_ERROR)
    state.onLine(report.text)
    return
  }
  if (report.kind === 'started') state.pid = report.pid
  if (report.kind === 'ended') state.pid = 0
  for (const waiter of state.waiting) {
    // An end answers every question: what has ended will never be ready.
    if (waiter.wanted !== report.kind && report.kind !== 'ended') continue
    state.waiting.delete(waiter)
    waiter.resolve(report)
  }
}

/**
 * The supervisor must not keep its parent alive: a program that has nothing left to do may end, and its servers end with it.
 * Only while somebody waits for an answer is it held.
 */
function holdOpen(supervisor: ChildProcessByStdio<Writable, Readable, null>): { hold(): void; release(): void } {
  const all: readonly object[] = [supervisor, supervisor.stdin, supervisor.stdout]
  const handles = all.filter(canBeHeld)
  let held = 0
  for (const handle of handles) handle.unref()
  return {
    hold() {
      held += 1
      if (held === 1) for (const handle of handles) handle.ref()
    },
    release() {
      held -= 1
      if (held === 0) for (const handle of handles) handle.unref()
    },
  }
}

/** A pipe to a child is a socket, which can be; its declared type does not say so. */
function canBeHeld(handle: object): handle is { ref(): unknown; unref(): unknown } {
  return 'ref' in handle && typeof handle.ref === 'function' && 'unref' in handle && typeof handle.unref === 'function'
}
