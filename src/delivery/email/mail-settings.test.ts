import { expect, test } from 'vitest'
import { aCertificate } from '../../../test/support/mail-server.ts'
import { readConfig } from '../../config.ts'
import { readMailSettings } from './mail-settings.ts'

const whole = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'daymark@example.org', DAYMARK_PUBLIC_URL: 'https://daymark.example' }

test('without SMTP_URL no e-mail is sent, and nothing else is asked for', () => {
  expect(readMailSettings({ MAIL_FROM: 'daymark@example.org' })).toEqual({ mail: null, faults: [] })
})

test('everything that is missing is named at once, and no value is shown', () => {
  const { faults } = readMailSettings({ SMTP_URL: 'https://user:geheim@mail.example', SMTP_CA_FILE: '/nowhere/ca.pem' })
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['MAIL_FROM', 'DAYMARK_PUBLIC_URL', 'SMTP_URL', 'SMTP_CA_FILE'])
  expect(faults.join()).not.toContain('geheim')
})

test.each([
  ['smtp://mail.example', { host: 'mail.example', port: 587, implicitTls: false, login: null }],
  ['smtps://mail.example', { host: 'mail.example', port: 465, implicitTls: true, login: null }],
  ['smtps://us%40er:pa%2Fss@[::1]:2465', { host: '::1', port: 2465, implicitTls: true, login: { user: 'us@er', pass: 'pa/ss' } }],
])('%s is read as where and how', (SMTP_URL, server) => {
  const { caFile, ca } = aCertificate()
  expect(readMailSettings({ ...whole, SMTP_URL, SMTP_CA_FILE: caFile })).toEqual({
    mail: { ...server, from: 'daymark@example.org', ca },
    faults: [],
  })
})

test.each([
  'smtp://mail.example?tls.rejectUnauthorized=false',
  'smtp://mail.example/?ignoreTLS=true',
  'smtp://mail.example#x',
  'mail.example',
])('%s is refused: nothing may say that TLS is not needed', (SMTP_URL) => {
  expect(readMailSettings({ ...whole, SMTP_URL }).faults).toEqual([expect.stringMatching(/^SMTP_URL must be/)])
})

test.each([
  'http://daymark.example',
  'https://daymark.example/path',
  'https://user@daymark.example',
  'https://daymark.example/?x=1',
])('links do not lead to %s', (DAYMARK_PUBLIC_URL) => {
  const environment = { DATABASE_URL: 'postgres://localhost/daymark', DAYMARK_KEYS: `k1:${'A'.repeat(43)}=`, DAYMARK_PUBLIC_URL }
  expect(() => readConfig(environment)).toThrow(/DAYMARK_PUBLIC_URL must be https/)
  expect(readConfig({ ...environment, DAYMARK_PUBLIC_URL: 'https://daymark.example/' }).publicUrl).toBe('https://daymark.example')
})
