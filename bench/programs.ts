import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { superviseProcess } from '../src/underneath/supervised-process.ts'

/** A program of the bench or of the product, in a process of its own that ends when the bench does. */
export interface Program {
  pid: () => number
  stop: () => Promise<void>
}

export type Settings = Readonly<Record<string, string>>

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** What a program that runs to its end says last, before its answer as JSON. */
const ANSWER = 'ANSWER '
const READY_LOOK_MS = 50

function command(args: readonly string[], settings: Settings, readyWhen: string | null) {
  return {
    program: process.execPath,
    args: ['--no-warnings', ...args],
    // Nothing of the caller's environment reaches what is measured.
    env: { PATH: process.env.PATH ?? '', ...settings },
    cwd: ROOT,
    account: null,
    readyWhen,
    stopSignal: 'SIGTERM',
  } as const
}

/** Starts a server and waits until it says that it serves. */
export async function startProgram(args: readonly string[], settings: Settings, readyWhen: string): Promise<Program> {
  const process = superviseProcess(null, () => undefined)
  try {
    await process.serve(command(args, settings, readyWhen))
  } catch (fault) {
    await process.stop()
    throw fault
  }
  return { pid: process.pid, stop: process.stop }
}

/**
 * Starts the product's API. It logs a line an answer as in production, but to nowhere: read by us, its log would cost the
 * machine more than the answers do. So it is asked over HTTP whether it serves.
 */
export async function startServe(settings: Settings): Promise<Program> {
  const process = superviseProcess(null, () => undefined)
  const { program, args, ...rest } = command(['src/main.ts', 'serve'], settings, null)
  await process.serve({ ...rest, program: '/bin/sh', args: ['-c', 'exec "$0" "$@" > /dev/null', program, ...args] })
  const url = `http://${settings.HOST}:${settings.PORT}/health/readiness`
  for (let answer = await readiness(url); answer !== 200; answer = await readiness(url)) {
    if (process.pid() === 0) throw new Error('`serve` ended before it was ready')
    await pause(READY_LOOK_MS)
  }
  return { pid: process.pid, stop: process.stop }
}

// Refused while it starts, which is what we wait to see the end of.
const readiness = async (url: string) => (await fetch(url).catch(() => null))?.status

/** Runs a program to its end. @returns its answer; the caller names what that program gives */
export async function runProgram<T>(script: string, settings: Settings): Promise<T> {
  let answer: string | null = null
  const process = superviseProcess(null, (line) => {
    if (line.startsWith(ANSWER)) answer = line.slice(ANSWER.length)
  })
  try {
    await process.finish(command([script], settings, null))
  } finally {
    await process.stop()
  }
  if (answer === null) throw new Error(`${script} ended without an answer`)
  return JSON.parse(answer)
}

/** The other side of `runProgram`. */
export function answer(value: unknown): void {
  process.stdout.write(`${ANSWER}${JSON.stringify(value)}\n`)
}

/** A setting that `runProgram` or `startProgram` gave. */
export function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is missing`)
  return value
}

/** The moment in milliseconds, on a clock that every process of this machine shares. */
export const moment = () => performance.timeOrigin + performance.now()
