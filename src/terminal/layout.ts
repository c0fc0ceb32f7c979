/** What a terminal is assumed to be at most: lines beyond it are hard to read and wrap where a window is narrow. */
export const WIDTH_MAX = 100

/** The few ways text is set apart. None carries meaning alone: what is green also says so in a word or a sign. */
export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Breaks text at spaces into lines no wider than `width`. A word that is wider is cut: nothing may leave the page. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, Math.max(1, width)))
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of paragraph.split(' ').flatMap((whole) => cut(whole, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function cut(word: string, width: number): string[] {
  const parts: string[] = []
  for (let from = 0; from === 0 || from < word.length; from += width) parts.push(word.slice(from, from + width))
  return parts
}

/** Wraps text behind a mark, with the lines after the first standing under the text and not under the mark. */
export function hang(text: string, layout: { mark: string; width: number; paint?: (line: string) => string }): string[] {
  const { mark, width, paint = (line) => line } = layout
  const under = ' '.repeat(mark.length)
  return wrap(text, width - mark.length).map((line, at) => `${at === 0 ? mark : under}${paint(line)}`)
}

/** A cell of a table: its text, and how it is set. Numbers stand under each other's end, and under that of their title. */
export interface Cell {
  text: string
  style?: Style
  align?: 'right'
}

export interface Table {
  titles: readonly string[]
  /** The widest each column may be; what is longer goes on below, in its own column. */
  widest: readonly number[]
  rows: readonly (readonly Cell[])[]
}

const GAP = '  '

/** Lays out a table in aligned columns, each as wide as it needs to be and no wider than it may be. */
export function tableLines({ titles, widest, rows }: Table, indent: string, paint: Paint): string[] {
  const all =
    titles.length > 0 ? [titles.map((text, column): Cell => ({ ...rows[0]?.[column], text, style: 'dim' })), ...rows] : rows
  const widths = widest.map((most, column) => {
    const longest = Math.max(0, ...all.map((row) => row[column]?.text.length ?? 0))
    return Math.min(most, longest)
  })
  return all.flatMap((row) => rowLines(row, widths, indent, paint))
}

function rowLines(row: readonly Cell[], widths: readonly number[], indent: string, paint: Paint): string[] {
  const columns = row.map((cell, column) => wrap(cell.text, widths[column] ?? WIDTH_MAX))
  const height = Math.max(1, ...columns.map((lines) => lines.length))
  return Array.from({ length: height }, (_, at) => {
    const cells = row.map((cell, column) => {
      const text = columns[column]?.[at] ?? ''
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length))
      const painted = text === '' || !cell.style ? text : paint(cell.style, text)
      return cell.align === 'right' ? `${padding}${painted}` : `${painted}${padding}`
    })
    return `${indent}${cells.join(GAP)}`.trimEnd()
  })
}
