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
