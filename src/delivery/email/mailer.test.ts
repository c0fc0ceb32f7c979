import { expect, test } from 'vitest'
import { aCertificate, aMailServer } from '../../../test/support/mail-server.ts'
import { mailOf } from './mail-text.ts'
import { NO_ENCRYPTION, NO_TRUST, openMailer } from './mailer.ts'

const mail = mailOf('key.adult@larkspur.example', {
  why: 'alert waiting',
  urgency: 'now',
  reference: 'dsp_01997e9c',
  address: 'https://daymark.example/a/token',
  personal: true,
})

test('a mail is sent encrypted, to a server whose certificate was checked', async () => {
  for (const implicitTls of [false, true]) {
    const server = await aMailServer({ implicitTls })
    const mailer = openMailer(server.settings)
    expect(await mailer.send(mail)).toEqual({ kind: 'accepted', status: 250 })
    expect(await mailer.verify()).toEqual({ kind: 'answers' })
    mailer.close()
    expect(server.received).toHaveLength(1)
    expect(server.received[0]).toMatchObject({ to: ['key.adult@larkspur.example'], from: 'daymark@example.org', encrypted: true })
    expect(server.received[0]?.text).toContain('Subject: Please look now (Daymark)')
    expect(server.received[0]?.text).toContain('Auto-Submitted: auto-generated')
    expect(server.received[0]?.text).toContain('https://daymark.example/a/token')
  }
})

test('a server that offers no encryption gets no mail and hears no address', async () => {
  const server = await aMailServer({ encrypts: false })
  const mailer = openMailer(server.settings)
  expect(await mailer.send(mail)).toMatchObject({ kind: 'failed', why: NO_ENCRYPTION })
  expect(await mailer.verify()).toEqual({ kind: 'fails', why: NO_ENCRYPTION })
  mailer.close()
  expect(server.received).toEqual([])
  expect(server.named).toEqual([])
})

test('a server whose certificate nobody vouches for gets no mail and hears no address', async () => {
  for (const implicitTls of [false, true]) {
    const server = await aMailServer({ implicitTls })
    const strangers = [
      { ...server.settings, ca: aCertificate().ca },
      { ...server.settings, ca: null },
    ]
    for (const settings of strangers) {
      const mailer = openMailer(settings)
      expect(await mailer.send(mail)).toMatchObject({ kind: 'failed', why: NO_TRUST })
      mailer.close()
    }
    expect(server.named).toEqual([])
  }
})

test('a certificate for another host is no proof', async () => {
  const server = await aMailServer({ certificateFor: 'mail.elsewhere.example' })
  const mailer = openMailer(server.settings)
  expect(await mailer.send(mail)).toMatchObject({ kind: 'failed', why: NO_TRUST })
  mailer.close()
  expect(server.named).toEqual([])
})

test('an address that is refused for good is told from one that is refused for now', async () => {
  const server = await aMailServer()
  const mailer = openMailer(server.settings)
  server.refuseNext(550, 451)
  expect(await mailer.send(mail)).toEqual({ kind: 'refused', status: 550 })
  expect(await mailer.send(mail)).toEqual({ kind: 'failed', why: 'the mail server asks us to come back later', status: 451 })
  mailer.close()
})

test('a server that is away is a failure, and its words are kept nowhere', async () => {
  const server = await aMailServer()
  await server.close()
  const mailer = openMailer(server.settings)
  expect(await mailer.send(mail)).toEqual({ kind: 'failed', why: 'the mail server cannot be reached', status: null })
  mailer.close()
  await server.open()
})
