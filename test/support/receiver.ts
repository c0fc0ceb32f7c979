import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterAll } from 'vitest'

/** How the pretend school answers a call. */
export type Answer =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'redirect'; readonly to: string }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Says 200 and then never stops talking. */
  | { readonly kind: 'never-ending body' }
  /** Closes the connection without a word. */
  | { readonly kind: 'broken off' }
  /** Takes the request and answers with this status only when it is let go. */
  | { readonly kind: 'held'; readonly until: Promise<unknown>; readonly status: number }

/** One call the school had, whatever it answered. */
export type Received = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether one of the school's secrets had signed it; false too when it has no signature or the school no secret. */
  readonly signed: boolean
}

/** A pretend school: a real server on the loopback that writes down what it is told. */
export type Receiver = {
  readonly url: string
  /** `127.0.0.1:port`, as DAYMARK_WEBHOOK_ALLOW takes it. */
  readonly host: string
  readonly received: readonly Received[]
  /** How it answers from now on. Until told otherwise it answers 200. */
  answerWith(answer: Answer): void
  /** How it answers the next calls, one each, before it goes back to `answerWith`. */
  answerNextWith(...answers: readonly Answer[]): void
  /** The secrets it checks signatures with, `whsec_…`, as the directory gave them. */
  trust(...secrets: readonly string[]): void
  /** Goes away, as a school's server does at night: the address then refuses connections. */
  close(): Promise<void>
  /** Comes back at the same address. */
  open(): Promise<void>
}

const open: Receiver[] = []

// Here and not in `aReceiver`: a hook registered from inside a hook never runs.
afterAll(async () => {
  await Promise.all(open.splice(0).map((receiver) => receiver.close()))
})

/** Opens a pretend school. It closes after the file. */
export async function aReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const next: Answer[] = []
  let standing: Answer = { kind: 'status', status: 200 }
  let secrets: readonly string[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      received.push(writeDown(request, body, secrets))
      give(next.shift() ?? standing, response)
    })
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
    return address.port
  }
  const port = await listen(0)
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/daymark`,
    host: `127.0.0.1:${port}`,
    received,
    answerWith(answer) {
      standing = answer
    },
    answerNextWith: (...answers) => void next.push(...answers),
    trust(...trusted) {
      secrets = trusted
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    open: async () => void (await listen(port)),
  }
  open.push(receiver)
  return receiver
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  request.setEncoding('utf8')
  try {
    for await (const chunk of request) body += chunk
  } catch {
    // The sender broke off in the middle: what came is what the school has.
  }
  return body
}

function writeDown(request: IncomingMessage, body: string, secrets: readonly string[]): Received {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
  const signed = secrets.some((secret) => verifies(secret, body, headers))
  return { method: request.method ?? '', path: request.url ?? '', headers, body, signed }
}

function verifies(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers)
    return true
  } catch {
    // It throws for whatever is wrong; to the school that is all one.
    return false
  }
}

function give(answer: Answer, response: ServerResponse): void {
  switch (answer.kind) {
    case 'status':
      response.writeHead(answer.status, answer.retryAfter === undefined ? {} : { 'retry-after': answer.retryAfter }).end()
      return
    case 'redirect':
      response.writeHead(302, { location: answer.to }).end()
      return
    case 'hang':
      return
    case 'never-ending body':
      response.writeHead(200)
      talkWithoutEnd(response)
      return
    case 'broken off':
      response.destroy()
      return
    case 'held':
      void answer.until.then(() => response.writeHead(answer.status).end())
      return
    default: {
      const never: never = answer
      throw new Error(`Unknown answer ${JSON.stringify(never)}`)
    }
  }
}

function talkWithoutEnd(response: ServerResponse): void {
  const words = 'and another thing, '.repeat(1_000)
  const talk = () => {
    // As fast as the listener takes it, and no faster: the point is to fill its memory and not ours.
    while (!response.destroyed && response.write(words));
  }
  response.on('drain', talk)
  response.on('error', () => undefined)
  talk()
}
