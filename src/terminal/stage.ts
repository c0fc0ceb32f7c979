import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { type Paint, WIDTH_MAX } from './layout.ts'

/** Where a command speaks: what it says, in columns and calm colours, and one line that may change on a terminal. */
export interface Stage {
  paint: Paint
  /** Columns that may be used. */
  width: number
  say: (...lines: readonly string[]) => void
  /** Shows what is being waited for, on a terminal only; the next `say` takes its place. */
  progress: (line: string) => void
}

/** A terminal, or whatever its output goes to instead. */
export type Output = Writable & { isTTY?: boolean; columns?: number }

const WIDTH_MIN = 72
const CLEAR_LINE = '\r\x1b[K'

/** @param lost is called once when nobody reads any more, as when a pager is closed */
export function openStage(out: Output, lost: () => void): Stage {
  const isTerminal = out.isTTY === true
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, out.columns ?? WIDTH_MAX))
  let open = true
  let changing = false
  out.once('error', () => {
    open = false
    lost()
  })
  const write = (text: string) => {
    if (open) out.write(text)
  }
  return {
    // It looks at NO_COLOR, FORCE_COLOR and whether the output is a terminal.
    paint: (style, text) => styleText(style, text, { stream: out }),
    width,
    say: (...lines) => {
      write(`${changing ? CLEAR_LINE : ''}${lines.map((line) => `${line}\n`).join('')}`)
      changing = false
    },
    progress: (line) => {
      if (!isTerminal) return
      // One column is left free: a full line would scroll, and then it could not be taken back.
      write(`${CLEAR_LINE}${line.length < width ? line : `${line.slice(0, width - 2)}…`}`)
      changing = line !== ''
    },
  }
}

/** A heading with a rule through the line; `aside` stands at its right end. */
export function headingLines({ paint, width }: Stage, title: string, aside = ''): string[] {
  const right = aside === '' ? '' : ` ${aside} ──`
  const rule = '─'.repeat(Math.max(2, width - title.length - right.length - 4))
  return ['', `${paint('dim', '──')} ${paint('bold', title)} ${paint('dim', `${rule}${right}`)}`]
}
