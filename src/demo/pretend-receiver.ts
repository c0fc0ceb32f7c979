import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** What somebody's own system saw of one call. The data are what the event's type says they are. */
export type Heard<Data> = { kind: 'down' } | { kind: 'not signed by us' } | { kind: 'event'; id: string; data: Data }

/** Somebody's own system: a real server on the loopback, with the receiving end of Standard Webhooks in it. */
export interface PretendReceiver {
  url: string
  /** `host:port`, to be let through the address guard. */
  host: string
  /** The signing secret, as Daymark gave it, once. */
  trust: (secret: string) => void
}

/**
 * Opens a pretend receiver.
 * @param options.callsDown how many calls find its server broken and are answered 500; `Infinity` for good
 */
export async function openReceiver<Data>(
  held: AsyncDisposableStack,
  options: { callsDown: number; heard: (heard: Heard<Data>) => void },
): Promise<PretendReceiver> {
  const { callsDown, heard } = options
  let secret: string | null = null
  let calls = 0
  const server = createServer((request, response) => {
    calls += 1
    const call = calls
    readBody(request).then(
      (body) => {
        const what: Heard<Data> = call <= callsDown ? { kind: 'down' } : hear(body, request, secret)
        response.writeHead(statusFor(what.kind)).end()
        heard(what)
      },
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  held.defer(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
  const host = `127.0.0.1:${address.port}`
  return {
    host,
    url: `http://${host}/daymark`,
    trust: (given) => {
      secret = given
    },
  }
}

/** What everybody must do with every call: believe nothing that is not signed with their own secret. */
function hear<Data>(body: string, request: IncomingMessage, secret: string | null): Heard<Data> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
  try {
    new Webhook(secret ?? '').verify(body, headers)
  } catch {
    // It throws for whatever is wrong with the signature; to the receiver that is all one.
    return { kind: 'not signed by us' }
  }
  const { data }: { data: Data } = JSON.parse(body)
  return { kind: 'event', id: headers['webhook-id'] ?? '', data }
}

function statusFor(kind: Heard<unknown>['kind']): number {
  switch (kind) {
    case 'event':
      return 204
    case 'down':
      return 500
    case 'not signed by us':
      return 401
    default: {
      const never: never = kind
      return never
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  request.setEncoding('utf8')
  for await (const chunk of request) body += chunk
  return body
}
