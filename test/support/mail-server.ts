import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSilentServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll } from 'vitest'
import type { MailSettings } from '../../src/delivery/email/mail-settings.ts'

/** One mail the server took. */
export interface ReceivedMail {
  to: string[]
  from: string
  /** Headers and body as they came, with soft line breaks joined. */
  text: string
  /** The connection was encrypted. */
  encrypted: boolean
}

/** A pretend mail server of an operator: a real one on the loopback that writes down what it is sent. */
export interface MailServer {
  settings: MailSettings
  /** For SMTP_URL and SMTP_CA_FILE. */
  url: string
  caFile: string
  received: ReceivedMail[]
  /** Every address that was named to it, whether a mail followed or not. */
  named: string[]
  /** Answers the next recipients with this status; 250 again afterwards. */
  refuseNext(...statuses: number[]): void
  close(): Promise<void>
  /** Comes back at the same port. */
  open(): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'daymark-mail-'))
const running: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of running.splice(0)) await close()
  rmSync(folder, { recursive: true, force: true })
})

const openssl = (...given: string[]) => execFileSync('openssl', given, { cwd: folder, stdio: 'pipe' })
let made = 0

/** A certificate for the loopback and whoever vouches for it, made for this file alone and thrown away after it. */
export function aCertificate(forHost = '127.0.0.1'): { caFile: string; ca: string; key: string; cert: string } {
  const name = `c${++made}`
  const san = /^[\d.]+$/.test(forHost) ? `IP:${forHost}` : `DNS:${forHost}`
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    `${name}-ca.key`,
    '-out',
    `${name}-ca.pem`,
    '-days',
    '2',
    '-subj',
    '/CN=Pretend authority',
  )
  openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=Pretend mail server')
  writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${san}\n`)
  const signing = [
    '-CA',
    `${name}-ca.pem`,
    '-CAkey',
    `${name}-ca.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${name}.ext`,
  ]
  openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing)
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  return {
    caFile: join(folder, `${name}-ca.pem`),
    ca: read(`${name}-ca.pem`),
    key: read(`${name}.key`),
    cert: read(`${name}.pem`),
  }
}

/**
 * Starts a mail server.
 * @param given.encrypts false for one that offers no STARTTLS, as after a downgrade on the way
 * @param given.certificateFor a host that its certificate names
 */
export async function aMailServer(
  given: { encrypts?: boolean; certificateFor?: string; implicitTls?: boolean } = {},
): Promise<MailServer> {
  const { encrypts = true, certificateFor, implicitTls = false } = given
  const certificate = aCertificate(certificateFor)
  const received: ReceivedMail[] = []
  const named: string[] = []
  const refusals: number[] = []
  let port = 0
  let server = make()

  function make(): SMTPServer {
    return new SMTPServer({
      secure: implicitTls,
      key: certificate.key,
      cert: certificate.cert,
      authOptional: true,
      disabledCommands: encrypts ? ['AUTH'] : ['AUTH', 'STARTTLS'],
      onRcptTo: ({ address }, _session, callback) => {
        named.push(address)
        const status = refusals.shift()
        callback(status === undefined ? null : Object.assign(new Error(`${address} is not wanted`), { responseCode: status }))
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope
          received.push({
            to: rcptTo.map(({ address }) => address),
            from: mailFrom === false ? '' : mailFrom.address,
            text: Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='),
            encrypted: session.secure,
          })
          callback()
        })
      },
    })
  }

  async function open(): Promise<void> {
    // What a client does to a connection is the test's to see, in the client's own words.
    server.on('error', () => {})
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    const address = server.server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  }
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  await open()
  running.push(close)
  const scheme = implicitTls ? 'smtps' : 'smtp'
  return {
    settings: { host: '127.0.0.1', port, implicitTls, login: null, from: 'daymark@example.org', ca: certificate.ca },
    url: `${scheme}://127.0.0.1:${port}`,
    caFile: certificate.caFile,
    received,
    named,
    refuseNext: (...statuses) => void refusals.push(...statuses),
    close,
    open: async () => {
      server = make()
      await open()
    },
  }
}

/** A port that takes a connection and never says a word. */
export async function aSilentServer(): Promise<{ port: number; server: Server }> {
  const server = createSilentServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push(() => new Promise((resolve) => void server.close(() => resolve())))
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, server }
}

/** The link in a mail, as whoever reads it would follow it: its path, with the token. */
export function linkIn(mail: ReceivedMail | undefined): string {
  const [found] = /https?:\/\/\S+\/a\/\S+/.exec(mail?.text ?? '') ?? []
  if (found === undefined) throw new Error('There is no link in this mail')
  return new URL(found).pathname
}
