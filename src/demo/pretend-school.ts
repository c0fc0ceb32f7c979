import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** What a school's own system saw of one call. */
export type Heard = { kind: 'down' } | { kind: 'not signed by us' } | { kind: 'alert'; dispatchId: string; alert: Alert }

/** What a school is told of a child, as far as it is shown here. */
export interface Alert {
  child: { givenNames?: string; familyName?: string; dateOfBirth?: string }
  childPresent: string
  parentsInformed: string
}

/** A pretend school: a real server on the loopback, with the receiving end of Standard Webhooks in it. */
export interface PretendSchool {
  /** The school's id in the directory. */
  id: string
  url: string
  host: string
  /** The signing secret, as the directory gave it, once. */
  trust: (secret: string) => void
}

/**
 * Opens a pretend school.
 * @param options.callsDown how many calls find its server broken and are answered 500; `Infinity` for good
 */
export async function openSchool(
  held: AsyncDisposableStack,
  options: { id: string; callsDown: number; heard: (heard: Heard) => void },
): Promise<PretendSchool> {
  const { id, callsDown, heard } = options
  let secret: string | null = null
  let calls = 0
  const server = createServer((request, response) => {
    calls += 1
    const call = calls
    readBody(request).then(
      (body) => {
        const what: Heard = call <= callsDown ? { kind: 'down' } : hear(body, request, secret)
        response.writeHead(statusFor(what)).end()
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
    id,
    host,
    url: `http://${host}/daymark`,
    trust: (given) => {
      secret = given
    },
  }
}

/** What a school must do with every call: believe nothing that is not signed with its own secret. */
function hear(body: string, request: IncomingMessage, secret: string | null): Heard {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value)
  try {
    new Webhook(secret ?? '').verify(body, headers)
  } catch {
    // It throws for whatever is wrong with the signature; to the school that is all one.
    return { kind: 'not signed by us' }
  }
  const { data }: { data: Alert } = JSON.parse(body)
  return { kind: 'alert', dispatchId: headers['webhook-id'] ?? '', alert: data }
}

function statusFor({ kind }: Heard): number {
  switch (kind) {
    case 'alert':
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
