import nodemailer from 'nodemailer'
import type { MailSettings } from './mail-settings.ts'

/** One mail. It names nobody, no school and nothing of a case: whoever reads a mailbox learns only that something waits. */
export interface Mail {
  to: string
  subject: string
  text: string
}

/** How one sending went, before anybody judges it. `why` is ours and never what a server said: it may quote the address. */
export type Mailed =
  | { kind: 'accepted'; status: number }
  | { kind: 'refused'; status: number }
  | { kind: 'timed out' }
  | { kind: 'failed'; why: string; status: number | null }

/** What `/health` and `doctor` say of a mail server. */
export type MailServerHealth = { kind: 'answers' } | { kind: 'fails'; why: string }

export interface Mailer {
  send: (mail: Mail) => Promise<Mailed>
  /** Connects, encrypts and logs in, and sends nothing. */
  verify: () => Promise<MailServerHealth>
  close: () => void
}

const CONNECT_WITHIN_MS = 10_000
const SILENCE_MS = 15_000
/** The whole sending, the wait for a free connection included. */
const SEND_WITHIN_MS = 45_000
const CONNECTIONS_MAX = 5

export const NO_ENCRYPTION = 'the mail server offers no encryption, so nothing was sent'
export const NO_TRUST = 'the mail server cannot prove who it is, so nothing was sent'

/**
 * Opens the way to the mail server. Nothing is said, not even whom a mail is for, before the connection is encrypted and the
 * server's certificate was checked: whoever strips the encryption on the way gets no mail and learns no school.
 */
export function openMailer(settings: MailSettings): Mailer {
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    host: settings.host,
    port: settings.port,
    secure: settings.implicitTls,
    requireTLS: true,
    ...(settings.login ? { auth: settings.login } : {}),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(settings.ca === null ? {} : { ca: settings.ca }) },
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_WITHIN_MS,
    // A mail is put together from our own words; nothing in it may make the library read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, subject, text }) => {
      const late = afterAWhile(SEND_WITHIN_MS)
      const sending = transport
        .sendMail({ from: settings.from, to, subject, text, headers: NO_AUTOMATIC_ANSWER })
        .then((info): Mailed => ({ kind: 'accepted', status: Number(/^\d{3}/.exec(info.response)?.[0] ?? 250) }), failureOf)
      try {
        return await Promise.race([sending, late.over])
      } finally {
        late.forget()
      }
    },
    verify: async () => {
      try {
        await transport.verify()
        return { kind: 'answers' }
      } catch (fault) {
        const failed = failureOf(fault)
        if (failed.kind === 'failed') return { kind: 'fails', why: failed.why }
        return {
          kind: 'fails',
          why: failed.kind === 'refused' ? 'the mail server refuses us' : 'the mail server does not answer',
        }
      }
    },
    close: () => transport.close(),
  }
}

/** An absence notice would come back to a mailbox nobody reads, and say where it was sent. */
const NO_AUTOMATIC_ANSWER = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

function afterAWhile(ms: number): { over: Promise<Mailed>; forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<Mailed>()
  const timer = setTimeout(() => resolve({ kind: 'timed out' }), ms)
  return { over: promise, forget: () => clearTimeout(timer) }
}

const words: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server refuses our login',
  ENOAUTH: 'the mail server refuses our login',
  EDNS: 'the mail server’s name is not known',
  ETLS: NO_ENCRYPTION,
}

/** What a fault of the library comes to. Its message is not kept: it quotes the server, and a server quotes addresses. */
function failureOf(fault: unknown): Exclude<Mailed, { kind: 'accepted' }> {
  const code = textOf(fault, 'code')
  const status = numberOf(fault, 'responseCode')
  if (distrusts(fault)) return { kind: 'failed', why: NO_TRUST, status }
  if (code === 'ETIMEDOUT') return { kind: 'timed out' }
  const known = words[code]
  if (known !== undefined) return { kind: 'failed', why: known, status }
  if (status !== null && status >= 500) return { kind: 'refused', status }
  if (status !== null) return { kind: 'failed', why: 'the mail server asks us to come back later', status }
  return { kind: 'failed', why: 'the mail server cannot be reached', status }
}

/** Node names what is wrong with a certificate in `code`; the library wraps that, and keeps the words. */
function distrusts(fault: unknown): boolean {
  const said = [textOf(fault, 'code'), fault instanceof Error ? fault.message : '']
  return said.some((text) => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|certificate|altnames|handshake|wrong version number/i.test(text))
}

function textOf(fault: unknown, name: 'code'): string {
  return fault instanceof Error && name in fault && typeof fault[name] === 'string' ? fault[name] : ''
}

function numberOf(fault: unknown, name: 'responseCode'): number | null {
  return fault instanceof Error && name in fault && typeof fault[name] === 'number' ? fault[name] : null
}
