import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import type { MailSettings } from '../delivery/email/mail-settings.ts'
import { ownCertificate } from './own-certificate.ts'

/** One mail as its mailbox has it. */
export interface ReceivedMail {
  to: string
  subject: string
  /** The whole text, with soft line breaks joined. */
  text: string
}

/** A pretend mail server: a real one on the loopback, which takes nothing that is not encrypted. */
export interface PretendMailServer {
  /** How Daymark reaches it. */
  settings: MailSettings
}

export async function openPretendMailServer(
  held: AsyncDisposableStack,
  options: { now: Temporal.Instant; received: (mail: ReceivedMail) => void },
): Promise<PretendMailServer> {
  const { certificate, key } = ownCertificate(options.now)
  const server = new SMTPServer({
    key,
    cert: certificate,
    authOptional: true,
    disabledCommands: ['AUTH'],
    onMailFrom: (_address, session, callback) =>
      callback(session.secure ? null : Object.assign(new Error('Encrypt first'), { responseCode: 530 })),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '').replaceAll('=3D', '=')
        const [, subject = ''] = /^Subject: (.*)\r?$/m.exec(text) ?? []
        for (const { address: to } of session.envelope.rcptTo) options.received({ to, subject, text })
        callback()
      })
    },
  })
  // A client that goes away in the middle, as ours does when the demo stops, is no fault of the demo's.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  held.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
  const settings = { host: '127.0.0.1', port: address.port, implicitTls: false, login: null }
  return { settings: { ...settings, from: 'daymark@example.org', ca: certificate } }
}
