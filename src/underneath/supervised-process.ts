import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
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
  /** Waits for the end of what runs now. */
  ended(): Promise<void>
  /** Stops what runs, removes the folder and lets the supervisor go. May be called twice. */
  stop(): Promise<void>
}

/** How many of the last lines of output stand in an error. */
const LINES_IN_ERROR = 20

export function superviseProcess(folder: string | null, onLine: (text: string) => void): SupervisedProcess {
  const script = fileURLToPath(new URL('./supervisor.ts', import.meta.url))
  // `detached` gives it a session of its own: Ctrl-C at a terminal reaches us and not the servers we still need to close our
  // connections to. No inherited flags, or a debugger's port would be opened twice.
  const supervisor = spawn(process.execPath, ['--no-warnings', script, folder ?? '-'], {
    detached: true,
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve, reject) => {
    supervisor.once('close', () => resolve())
    supervisor.once('error', reject)
  })
  const state: State = { pid: 0, lines: [], waiting: new Set(), onLine }
  createInterface({ input: supervisor.stdout }).on('line', (line) => take(state, JSON.parse(line)))
  void gone.then(
    () => take(state, { kind: 'ended', code: null, signal: 'its supervisor ended' }),
    (error) => take(state, { kind: 'ended', code: null, signal: String(error) }),
  )
  // A supervisor killed from outside breaks the pipe; that shows as `ended` and needs no second telling.
  supervisor.stdin.on('error', () => undefined)
  const holding = holdOpen(supervisor)
  const order = (command: Command) => supervisor.stdin.write(`${JSON.stringify(command)}\n`)

  const wait = async (wanted: Report['kind']): Promise<Report> => {
    holding.hold()
    try {
      return await new Promise<Report>((resolve) => state.waiting.add({ wanted, resolve }))
    } finally {
      holding.release()
    }
  }
  return {
    async serve(command) {
      state.lines = []
      order(command)
      const report = await wait('ready')
      if (report.kind === 'ended') throw new EndedEarly(command.program, report, state.lines)
    },
    async finish(command) {
      state.lines = []
      order(command)
      const report = await wait('ended')
      if (report.kind === 'ended' && report.code !== 0) throw new EndedEarly(command.program, report, state.lines)
    },
    pid: () => state.pid,
    async kill(signal) {
      if (state.pid === 0) return
      const end = wait('ended')
      process.kill(state.pid, signal)
      await end
    },
    async ended() {
      if (state.pid !== 0) await wait('ended')
    },
    async stop() {
      holding.hold()
      supervisor.stdin.end()
      await gone
    },
  }
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
function holdOpen(supervisor: ReturnType<typeof spawn>): { hold(): void; release(): void } {
  const pipes = [supervisor.stdin, supervisor.stdout].flatMap((pipe) => (pipe !== null && 'unref' in pipe ? [pipe] : []))
  const handles: { ref(): unknown; unref(): unknown }[] = [supervisor]
  for (const pipe of pipes) {
    if (isReferenced(pipe)) handles.push(pipe)
  }
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

function isReferenced(pipe: object): pipe is { ref(): unknown; unref(): unknown } {
  return 'ref' in pipe && typeof pipe.ref === 'function' && 'unref' in pipe && typeof pipe.unref === 'function'
}
