import { expect, test } from 'vitest'
import { readSignInSettings } from './sign-in-settings.ts'

const whole = {
  OIDC_ISSUER: 'https://id.example/tenant',
  OIDC_CLIENT_ID: 'daymark',
  DAYMARK_PUBLIC_URL: 'https://daymark.example',
  OAUTH_ISSUER: 'https://id.example/tenant',
  OAUTH_AUDIENCE: 'urn:daymark:api',
}
const nothing = new Set<string>()

test('without an issuer people and tokens are off, and nothing is missing', () => {
  expect(readSignInSettings({}, nothing)).toEqual({ signIn: null, tokens: null, faults: [] })
  expect(readSignInSettings({ DAYMARK_PUBLIC_URL: 'https://daymark.example' }, nothing).faults).toEqual([])
})

test('with one, what belongs to it must be there, and each that is missing is named', () => {
  const { signIn, tokens, faults } = readSignInSettings(whole, nothing)
  expect(faults).toEqual([])
  expect(signIn).toMatchObject({ clientId: 'daymark', clientSecret: null, rolesClaim: 'roles', insecure: false })
  expect(tokens).toMatchObject({ audience: 'urn:daymark:api' })
  for (const name of ['OIDC_CLIENT_ID', 'DAYMARK_PUBLIC_URL', 'OAUTH_AUDIENCE'] as const) {
    const { faults: missing } = readSignInSettings({ ...whole, [name]: undefined }, nothing)
    expect(missing).toEqual([expect.stringMatching(`^${name} is missing`)])
  }
})

test('a token for machines is made for another word than a person’s, or an ID token would open their door', () => {
  expect(readSignInSettings({ ...whole, OAUTH_AUDIENCE: 'daymark' }, nothing).faults).toEqual([
    'OAUTH_AUDIENCE must be another word than OIDC_CLIENT_ID',
  ])
})

test('an issuer is called by HTTPS, unless it stands among the exceptions for tests and the demo', () => {
  for (const issuer of [
    'http://id.example',
    'http://127.0.0.1:9',
    'https://id.example/?a=b',
    'https://a:b@id.example',
    'id.example',
  ])
    expect(readSignInSettings({ ...whole, OIDC_ISSUER: issuer }, nothing).faults, issuer).toEqual([
      'OIDC_ISSUER must be an https:// URL without a query',
    ])
  const allowed = readSignInSettings({ ...whole, OIDC_ISSUER: 'http://127.0.0.1:9' }, new Set(['127.0.0.1:9']))
  expect([allowed.faults, allowed.signIn?.insecure]).toEqual([[], true])
})
