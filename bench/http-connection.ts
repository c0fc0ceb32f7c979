import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as the load generator reads it. */
export interface Answer {
  status: number
  body: string
}

/** One kept-alive connection that sends one request at a time. */
export interface Connection {
  send: (request: Buffer) => Promise<Answer>
  close: () => void
}

const HEAD_END = '\r\n\r\n'

/**
 * A connection of the load generator. It is written on the bare socket because the generator shares two cores with what it
 * measures: `node:http` took three times the processor time a request, and that time is missing from both sides.
 */
export async function openConnection(host: string, port: number): Promise<Connection> {
  const socket: Socket = connect({ host, port, noDelay: true })
  await once(socket, 'connect')
  let read: Buffer = Buffer.alloc(0)
  let waiting: { resolve: (answer: Answer) => void; reject: (fault: Error) => void } | null = null
  socket.on('data', (chunk: Buffer) => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk])
    const answer = answerIn(read)
    if (answer === null || waiting === null) return
    const { resolve } = waiting
    waiting = null
    read = Buffer.alloc(0)
    resolve(answer)
  })
  const broken = (fault: Error) => waiting?.reject(fault)
  socket.on('error', broken)
  socket.on('close', () => broken(new Error('The server closed a connection in the middle of a request')))
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

/** The whole answer, or null while a part of it is still to come. Every server of the bench sends a Content-Length. */
function answerIn(bytes: Buffer): Answer | null {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return null
  const head = bytes.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error('An answer without Content-Length cannot be read here')
  const bodyStart = headEnd + HEAD_END.length
  if (bytes.length < bodyStart + Number(length)) return null
  return { status: Number(head.slice(9, 12)), body: bytes.toString('utf8', bodyStart, bodyStart + Number(length)) }
}

/** A POST as it goes over the wire. */
export function postRequest(url: URL, key: string, body: Buffer): Buffer {
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}${HEAD_END}`), body])
}
