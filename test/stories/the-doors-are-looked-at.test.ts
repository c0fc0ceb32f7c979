import { afterAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { examine } from '../../src/doctor.ts'
import { aDaymark } from '../support/daymark.ts'
import { aKeyPublisher } from '../support/key-publisher.ts'

const wall = () => Temporal.Now.instant()
const keys = await aKeyPublisher()
afterAll(() => keys.close())

test('where no identity provider is set, signing in is off and says so', async () => {
  const daymark = await aDaymark({ worker: false })
  for (const path of ['/sign-in', '/sign-in/callback', '/sign-in/me']) {
    const answer = await fetch(`${daymark.url}${path}`)
    expect([path, answer.status, await answer.json()]).toEqual([
      path,
      404,
      expect.objectContaining({ type: 'urn:daymark:problem:sign-in-off' }),
    ])
  }
  expect((await fetch(`${daymark.url}/sign-out`, { method: 'POST' })).status).toBe(404)
  const supervisor = await daymark.client('police-derbyshire', ['desk:supervise'])
  expect((await supervisor.get('/v1/sessions')).body.type).toBe('urn:daymark:problem:sign-in-off')
  const { body } = await supervisor.get('/health')
  expect(body.components.signIn).toEqual({ status: 'UP', detail: 'off: OIDC_ISSUER is not set' })
  // A token is then no more than a key nobody knows.
  const answer = await fetch(`${daymark.url}/v1/queues`, { headers: { authorization: 'Bearer aaaa.bbbb.cccc' } })
  expect(answer.status).toBe(401)
})

test('an identity provider that is away stops nobody with a key, and both /health and doctor name it', async () => {
  const daymark = await aDaymark({
    worker: false,
    webhookAllow: keys.host,
    settings: {
      DAYMARK_PUBLIC_URL: 'http://127.0.0.1:4999',
      OIDC_ISSUER: keys.issuer,
      OIDC_CLIENT_ID: 'daymark',
      OAUTH_ISSUER: keys.issuer,
      OAUTH_AUDIENCE: 'urn:daymark:api',
    },
  })
  const marks = async () =>
    (await examine(readConfig(daymark.settings), wall))
      .filter(({ part }) => part === 'sign-in' || part === 'tokens')
      .map(({ mark, part }) => [part, mark.trim()])
  expect(await marks()).toEqual([
    ['sign-in', 'ok'],
    ['tokens', 'ok'],
  ])
  keys.answering(false)
  const begun = await fetch(`${daymark.url}/sign-in`, { redirect: 'manual' })
  const problem: unknown = await begun.json()
  expect([begun.status, problem]).toEqual([503, expect.objectContaining({ type: 'urn:daymark:problem:identity-provider-away' })])
  const auditor = await daymark.client('operator', ['audit:read'])
  expect((await auditor.get('/v1/audit/events')).status).toBe(200)
  expect((await auditor.get('/health')).body.components.signIn.status).toBe('WARN')
  expect(await marks()).toEqual([
    ['sign-in', 'FAULT'],
    ['tokens', 'FAULT'],
  ])
})
