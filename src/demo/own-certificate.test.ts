import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { ownCertificate } from './own-certificate.ts'

const NOON = Temporal.Instant.from('2026-11-06T12:00:00Z')

test('a certificate is for the loopback and no other host, and vouches for itself', () => {
  const { certificate, key } = ownCertificate(NOON)
  const read = new X509Certificate(certificate)
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(read.checkIP('127.0.0.2')).toBeUndefined()
  expect(read.checkHost('mail.example.org')).toBeUndefined()
  expect(read.verify(read.publicKey)).toBe(true)
  expect(key).toContain('PRIVATE KEY')
})

test('it is good for a day on either side, and every one is another', () => {
  const [one, other] = [ownCertificate(NOON), ownCertificate(NOON)]
  const read = new X509Certificate(one.certificate)
  expect([read.validFrom, read.validTo]).toEqual(['Nov  5 12:00:00 2026 GMT', 'Nov  7 12:00:00 2026 GMT'])
  expect(new X509Certificate(other.certificate).serialNumber).not.toBe(read.serialNumber)
})
