import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aClock } from '../../test/support/clock.ts'
import { aKeyPublisher, type KeyPublisher } from '../../test/support/key-publisher.ts'
import { aPretendProvider } from '../../test/support/people.ts'
import { aPeopleDoor } from '../../test/support/people-door.ts'
import { anOpenDatabase, type OpenDatabase } from '../../test/support/stored-notification.ts'
import type { PretendIdentityProvider } from '../demo/pretend-identity-provider.ts'
import { freePort } from '../underneath/free-port.ts'

const AUDIENCE = 'urn:daymark:api'
// The service's clock is the test's; a token's expiry goes by wall time, as everybody else's does.
const clock = aClock('2026-11-22T08:00:00Z')
const nowSeconds = () => Math.floor(Date.now() / 1000)
const machine = { clientId: 'records-system', agency: 'police-derbyshire', scope: 'notifications:write audit:read' }

let database: OpenDatabase
let provider: PretendIdentityProvider
let keys: KeyPublisher
let door: Awaited<ReturnType<typeof aPeopleDoor>>
beforeAll(async () => {
  database = await anOpenDatabase()
  provider = await aPretendProvider('http://127.0.0.1:1', [], [machine])
})
afterAll(() => database.close())

/** A maker of tokens of the test's own, and the API that believes it and knows none of its keys yet. */
beforeEach(async () => {
  keys = await aKeyPublisher()
  door = await aPeopleDoor(database, {
    now: clock.now,
    publicUrl: `http://127.0.0.1:${await freePort()}`,
    provider,
    settings: { OAUTH_ISSUER: keys.issuer, ALSO_ALLOWED: keys.host },
  })
  return async () => {
    await door.close()
    await keys.close()
  }
})

const claims = (over: Record<string, unknown> = {}) => ({
  aud: AUDIENCE,
  sub: 'records-system',
  daymark_agency: 'police-derbyshire',
  scope: 'audit:read dishes:wash',
  exp: nowSeconds() + 300,
  ...over,
})
const status = async (token: string) => (await door.who(token)).status

describe('a token', () => {
  test('that a real authorization server makes for client credentials opens the door', async () => {
    const real = await aPeopleDoor(database, { now: clock.now, publicUrl: `http://127.0.0.1:${await freePort()}`, provider })
    const { status: seen, body } = await real.who(await provider.tokenFor(machine))
    await real.close()
    expect([seen, body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^token:[\w-]{22}$/),
        agency: 'police-derbyshire',
        scopes: ['notifications:write', 'audit:read'],
      },
    ])
  })

  test('opens what its scopes and ours have in common, for the agency it names', async () => {
    const { body } = await door.who(await keys.token(claims()))
    expect(body).toMatchObject({ agency: 'police-derbyshire', scopes: ['audit:read'] })
    expect((await door.who(await keys.token(claims({ scope: 'dishes:wash' })))).body).toMatchObject({
      type: 'urn:daymark:problem:missing-scope',
    })
  })

  test('names its holder by a keyed hash, the same each time and another for each holder', async () => {
    const idOf = async (over: Record<string, unknown>) => {
      const { body } = await door.who(await keys.token(claims(over)))
      return typeof body === 'object' && body !== null && 'id' in body ? body.id : null
    }
    const [first, again, other] = [await idOf({}), await idOf({}), await idOf({ sub: 'another-system' })]
    expect(first).toBe(again)
    expect(first).not.toBe(other)
    expect(await idOf({ sub: undefined, client_id: 'records-system' })).toBe(first)
  })

  test.each([
    ['has expired', { exp: nowSeconds() - 60 }],
    ['never expires', { exp: undefined }],
    ['is not good yet', { nbf: nowSeconds() + 120 }],
    ['was made for another service', { aud: 'urn:somebody-else' }],
    ['was made for nobody', { aud: undefined }],
    ['comes from another issuer', { iss: 'https://elsewhere.example' }],
    ['names no agency', { daymark_agency: undefined }],
    ['names an agency that cannot be one', { daymark_agency: ['police-derbyshire', 'operator'] }],
    ['names no holder', { sub: undefined }],
  ])('that %s is refused', async (_why, over) => {
    expect(await status(await keys.token(claims()))).toBe(200)
    expect(await status(await keys.token(claims(over)))).toBe(401)
  })

  test('a few seconds past its time is taken: two clocks are never the same', async () => {
    expect(await status(await keys.token(claims({ exp: nowSeconds() - 10, nbf: nowSeconds() + 10 })))).toBe(200)
  })

  test('that is not signed, or signed with what everybody knows, is refused', async () => {
    expect(await status(new UnsecuredJWT({ iss: keys.issuer, ...claims() }).encode())).toBe(401)
    const forged = await new SignJWT({ iss: keys.issuer, ...claims() })
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(await keys.publicPem()))
    expect(await status(forged)).toBe(401)
    const [head = '', body = ''] = (await keys.token(claims())).split('.')
    expect(await status(`${head}.${body}.AAAA`)).toBe(401)
  })

  test('that is wrong is looked at twenty times a second and no more, as wrong keys are', async () => {
    clock.moveBy({ seconds: 2 })
    const wrong = await keys.token(claims({ aud: 'urn:somebody-else' }))
    const statuses: number[] = []
    for (let times = 0; times < 21; times += 1) statuses.push(await status(wrong))
    expect([statuses.filter((one) => one === 401).length, statuses.at(-1)]).toEqual([20, 429])
    clock.moveBy({ seconds: 2 })
  })
})

describe('the keys of whoever makes tokens', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('may be for %s', async (algorithm) => {
    await keys.rotate('another', algorithm)
    expect(await status(await keys.token(claims()))).toBe(200)
  })

  test('may change: a new one is found at once, and one withdrawn is forgotten', async () => {
    const old = await keys.token(claims())
    expect(await status(old)).toBe(200)
    await keys.rotate('second')
    clock.moveBy({ seconds: 31 })
    expect(await status(await keys.token(claims()))).toBe(200)
    expect(await status(old)).toBe(401)
  })

  test('are not asked for again and again because somebody makes up key ids', async () => {
    expect(await status(await keys.token(claims()))).toBe(200)
    for (let times = 0; times < 5; times += 1)
      expect(await status(await keys.token(claims(), { kid: `made-up-${times}` }))).toBe(401)
    expect(keys.asked()).toBe(1)
  })

  test('stand for a day while it is away, and after that nobody can say who is calling', async () => {
    const token = await keys.token(claims())
    expect(await status(token)).toBe(200)
    expect(door.doors.health().tokens.status).toBe('UP')
    keys.answering(false)
    clock.moveBy({ hours: 23 })
    expect(await status(token)).toBe(200)
    clock.moveBy({ hours: 2 })
    const { status: seen, body } = await door.who(token)
    expect([seen, body]).toEqual([503, expect.objectContaining({ type: 'urn:daymark:problem:identity-provider-away' })])
    expect(door.doors.health().tokens.status).toBe('WARN')
    keys.answering(true)
    clock.moveBy({ seconds: 2 })
    expect(await status(token)).toBe(200)
  })

  test('that were never loaded are a 503 and not a 401: the token may be good', async () => {
    keys.answering(false)
    expect(await status(await keys.token(claims()))).toBe(503)
  })
})
