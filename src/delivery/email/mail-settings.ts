import { readFileSync } from 'node:fs'

/** How e-mail is sent: the operator's own mail server, which must encrypt and prove who it is. */
export interface MailSettings {
  host: string
  port: number
  /** Encrypted from the first byte (smtps://); otherwise STARTTLS is demanded before anything is said. */
  implicitTls: boolean
  /** Null where the server knows us by our address. */
  login: { user: string; pass: string } | null
  from: string
  /** PEM. Trusted alone, in place of the public authorities; null for those. */
  ca: string | null
}

/** What the environment says of e-mail. */
export interface MailVariables {
  SMTP_URL?: string | undefined
  MAIL_FROM?: string | undefined
  SMTP_CA_FILE?: string | undefined
  DAYMARK_PUBLIC_URL?: string | undefined
}

const PORTS = { 'smtps:': 465, 'smtp:': 587 } as const

/**
 * Reads how e-mail is sent. Without SMTP_URL it is not, and `/health` says so.
 * @returns every fault, each naming its setting and showing no value
 */
export function readMailSettings(given: MailVariables): { mail: MailSettings | null; faults: string[] } {
  if (given.SMTP_URL === undefined) return { mail: null, faults: [] }
  const faults: string[] = []
  if (given.MAIL_FROM === undefined) faults.push('MAIL_FROM is missing: say from which address e-mail is sent')
  else if (!/^[^\s@<>]+@[^\s@<>]+$/.test(given.MAIL_FROM)) faults.push('MAIL_FROM must be an e-mail address')
  if (given.DAYMARK_PUBLIC_URL === undefined)
    faults.push('DAYMARK_PUBLIC_URL is missing: links in e-mails lead there, as https://daymark.example.org')
  const server = serverOf(given.SMTP_URL)
  if (server === null)
    faults.push(
      'SMTP_URL must be smtp://[user:password@]host[:port] or smtps://…, and says nothing of TLS: it is always demanded',
    )
  const ca = given.SMTP_CA_FILE === undefined ? null : readCa(given.SMTP_CA_FILE)
  if (given.SMTP_CA_FILE !== undefined && ca === null) faults.push('SMTP_CA_FILE cannot be read as a PEM file')
  if (server === null || given.MAIL_FROM === undefined || faults.length > 0) return { mail: null, faults }
  return { mail: { ...server, from: given.MAIL_FROM, ca }, faults }
}

function serverOf(text: string): Pick<MailSettings, 'host' | 'port' | 'implicitTls' | 'login'> | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, username, password, search, hash, pathname } = new URL(text)
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return null
  // A query could say that a certificate need not be checked, and would look as if it were heeded.
  if (hostname === '' || search !== '' || hash !== '' || !['', '/'].includes(pathname)) return null
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORTS[protocol] : Number(port),
    implicitTls: protocol === 'smtps:',
    login: username === '' ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
  }
}

function readCa(path: string): string | null {
  try {
    const pem = readFileSync(path, 'utf8')
    return pem.includes('-----BEGIN CERTIFICATE-----') ? pem : null
  } catch {
    // Absent or unreadable: the caller names the setting.
    return null
  }
}
