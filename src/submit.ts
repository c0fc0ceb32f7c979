import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** Where to send, and as whom: a client of the API like any police system. */
export interface Sender {
  url: string
  key: string
}

/** Sends one notification from a file, or from standard input (`-`). @returns the answer, as it came */
export async function submit(sender: Sender, file: string): Promise<{ accepted: boolean; answer: string }> {
  const body = await text(file === '-' ? process.stdin : createReadStream(file))
  const answer = await fetch(new URL('/v1/notifications', sender.url), {
    method: 'POST',
    headers: headersOf(sender, 'application/json'),
    body,
  })
  return { accepted: answer.status === 202, answer: pretty(await answer.text()) }
}

/** How an import went: lines told, and those refused. */
export interface Imported {
  accepted: number
  replayed: number
  refused: { line: number; errors: { pointer: string; detail: string }[] }[]
}

interface LineResult {
  line: number
  status: number
  replayed?: boolean
  errors?: { pointer: string; detail: string }[]
}

/**
 * Sends a file of notifications, one a line.
 * @param told hears of progress: the lines answered, and how much of the file was sent (0 to 1, null from standard input)
 * @throws with the problem's text when the import as a whole was refused
 */
export async function importFile(
  sender: Sender,
  file: string,
  told: (lines: number, part: number | null) => void,
): Promise<Imported> {
  const bytes = file === '-' ? null : (await stat(file)).size
  let sent = 0
  const source = file === '-' ? process.stdin : createReadStream(file)
  source.on('data', (chunk) => (sent += chunk.length))
  const request: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: headersOf(sender, 'application/x-ndjson'),
    body: Readable.toWeb(source),
    duplex: 'half',
  }
  const answer = await fetch(new URL('/v1/notifications/imports', sender.url), request)
  if (answer.status !== 200 || !answer.body) throw new Error(pretty(await answer.text()))
  const imported: Imported = { accepted: 0, replayed: 0, refused: [] }
  let lines = 0
  for await (const line of textLines(answer.body)) {
    const result: LineResult = JSON.parse(line)
    lines += 1
    if (result.status !== 202) imported.refused.push({ line: result.line, errors: result.errors ?? [] })
    else if (result.replayed) imported.replayed += 1
    else imported.accepted += 1
    told(lines, bytes === null ? null : sent / Math.max(1, bytes))
  }
  return imported
}

async function* textLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts.filter((part) => part !== '')
  }
  if (rest.trim() !== '') yield rest
}

function headersOf({ key }: Sender, type: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': type }
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}
