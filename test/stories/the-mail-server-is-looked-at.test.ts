import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { examine } from '../../src/doctor.ts'
import { aDaymark } from '../support/daymark.ts'
import { aMailServer } from '../support/mail-server.ts'

const wall = () => Temporal.Now.instant()

async function looked(settings: Record<string, string>) {
  const daymark = await aDaymark({ worker: false, settings })
  const health: unknown = await (await fetch(`${daymark.url}/health`)).json()
  const found = (await examine(readConfig(daymark.settings), wall)).find(({ part }) => part === 'e-mail')
  return { health, mark: found?.mark.trim(), detail: found?.detail }
}

const settingsFor = ({ url, caFile }: { url: string; caFile: string }) => ({
  SMTP_URL: url,
  SMTP_CA_FILE: caFile,
  MAIL_FROM: 'daymark@example.org',
  DAYMARK_PUBLIC_URL: 'https://daymark.example',
})

test('where no mail server is set, e-mail is off and says who is rung instead', async () => {
  const { health, mark, detail } = await looked({})
  expect(health).toMatchObject({
    components: { email: { status: 'UP', detail: expect.stringContaining('off: SMTP_URL is not set') } },
  })
  expect({ mark, detail }).toEqual({ mark: 'WARN', detail: expect.stringContaining('by telephone') })
})

test('a mail server that answers, encrypted and known, is well', async () => {
  const server = await aMailServer()
  const { health, mark } = await looked(settingsFor(server))
  expect(health).toMatchObject({ components: { email: { status: 'UP' } } })
  expect(mark).toBe('ok')
  expect(server.received).toEqual([])
})

test.each([
  ['offers no encryption', { encrypts: false }],
  ['cannot prove who it is', { certificateFor: 'mail.elsewhere.example' }],
])('a mail server that %s is a fault, and /health says which', async (why, given) => {
  const { health, mark, detail } = await looked(settingsFor(await aMailServer(given)))
  expect(health).toMatchObject({
    status: 'WARN',
    components: { email: { status: 'WARN', detail: expect.stringContaining(why) } },
  })
  expect({ mark, detail }).toEqual({ mark: 'FAULT', detail: expect.stringContaining(why) })
})
