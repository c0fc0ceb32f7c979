import { randomBytes } from 'node:crypto'
import { open as openFile, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open, seal } from '../database/sealing.ts'

/** Lines written now and read whenever the client likes. */
export interface Spill {
  write: (text: string) => Promise<void>
  /** No more lines come; `fault` ends the reader with it. */
  end: (fault?: unknown) => void
  read: () => AsyncGenerator<string>
}

const LENGTH_BYTES = 4

/**
 * A temporary file between an import that must not wait and a client that may not be reading yet: a client that sends
 * everything before it reads anything would otherwise block itself. Sealed with a key that lives only here, and without
 * a name from the start, so that a crash leaves nothing.
 */
export async function openSpill(): Promise<Spill> {
  const path = join(tmpdir(), `daymark-${randomBytes(16).toString('hex')}`)
  const file = await openFile(path, 'wx+', 0o600)
  await unlink(path)
  const key = randomBytes(32)
  let written = 0
  let ended = false
  let fault: unknown
  let wake = () => {}
  let more = new Promise<void>((resolve) => (wake = resolve))
  const tell = () => {
    wake()
    more = new Promise<void>((resolve) => (wake = resolve))
  }

  async function write(text: string): Promise<void> {
    const sealed = seal(key, 'spill', text)
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(sealed.length)
    await file.write(Buffer.concat([length, sealed]), 0, LENGTH_BYTES + sealed.length, written)
    written += LENGTH_BYTES + sealed.length
    tell()
  }

  async function* read(): AsyncGenerator<string> {
    let position = 0
    try {
      while (true) {
        while (position < written) {
          const length = Buffer.alloc(LENGTH_BYTES)
          await file.read(length, 0, LENGTH_BYTES, position)
          const sealed = Buffer.alloc(length.readUInt32BE())
          await file.read(sealed, 0, sealed.length, position + LENGTH_BYTES)
          position += LENGTH_BYTES + sealed.length
          yield open(key, 'spill', sealed).toString('utf8')
        }
        if (fault) throw fault
        if (ended && position >= written) return
        if (position >= written) await more
      }
    } finally {
      await file.close()
    }
  }

  return {
    write,
    read,
    end: (why) => {
      ended = true
      fault = why
      tell()
    },
  }
}
