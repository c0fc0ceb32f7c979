/** One line of an import. `bytes` is null where the line was longer than allowed; its text was let go, not kept. */
export interface Line {
  number: number
  bytes: Buffer | null
}

const NEWLINE = 10

/**
 * The lines of a stream, one by one, however the chunks fall. It reads no further than it is asked to, so the sender
 * waits for us (back-pressure), and it never holds more than one line. Blank lines are passed over.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let length = 0
  let number = 0
  const take = (): Line | null => {
    number += 1
    const bytes = length > lineBytesMax ? null : Buffer.concat(parts)
    parts = []
    length = 0
    return bytes !== null && bytes.toString('latin1').trim() === '' ? null : { number, bytes }
  }
  const keep = (part: Buffer) => {
    length += part.length
    if (length <= lineBytesMax) parts.push(part)
  }
  for await (const chunk of stream) {
    let from = 0
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, to))
      const line = take()
      if (line) yield line
      from = to + 1
    }
    keep(chunk.subarray(from))
  }
  const last = take()
  if (last) yield last
}
