import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, PEM. */
export interface OwnCertificate {
  certificate: string
  key: string
}

/** As ASN.1 writes them (X.680, X.690). */
const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  address: 0x87,
} as const
const LOOPBACK = [127, 0, 0, 1]
/** 2.5.4.3, 2.5.29.17 and 1.2.840.10045.4.3.2, encoded. */
const COMMON_NAME = [0x55, 0x04, 0x03]
const SUBJECT_ALTERNATIVE_NAME = [0x55, 0x1d, 0x11]
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

/**
 * A certificate for 127.0.0.1 that vouches for itself (RFC 5280), good for two days and known to this process alone. Node makes
 * keys and checks certificates, and makes none; a machine with nothing but npm may have no `openssl`, and a key that is kept in
 * a repository is nobody's secret.
 */
export function ownCertificate(now: Temporal.Instant): OwnCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(TAG.sequence, der(TAG.oid, ECDSA_WITH_SHA256))
  const nameParts = [der(TAG.oid, COMMON_NAME), der(TAG.utf8, Buffer.from('A pretend mail server'))]
  const name = der(TAG.sequence, der(TAG.set, der(TAG.sequence, ...nameParts)))
  const addresses = der(TAG.octets, der(TAG.sequence, der(TAG.address, LOOPBACK)))
  const forLoopback = der(TAG.sequence, der(TAG.oid, SUBJECT_ALTERNATIVE_NAME), addresses)
  const signed = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, [2])),
    der(TAG.integer, [0x01, ...randomBytes(15)]),
    algorithm,
    name,
    der(TAG.sequence, timeOf(now.subtract({ hours: 24 })), timeOf(now.add({ hours: 24 }))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.extensions, der(TAG.sequence, forLoopback)),
  )
  const signature = der(TAG.bits, [0], sign('sha256', signed, privateKey))
  return {
    certificate: pem(der(TAG.sequence, signed, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

type Bytes = Uint8Array | readonly number[]

/** One value with its tag and its length before it. */
function der(tag: number, ...parts: readonly Bytes[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

/** `261122105842Z` */
function timeOf(at: Temporal.Instant): Buffer {
  const digits = at.toString({ smallestUnit: 'second' }).replaceAll(/[-:T]/g, '')
  return der(TAG.time, Buffer.from(digits.slice(2)))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
