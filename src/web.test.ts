import { describe, expect, test } from 'vitest'
import { buildWeb } from './web.ts'

/** The API with one route, which fails as Postgres does. */
async function answerTo(fault: Error) {
  const web = await buildWeb({
    logger: false,
    requestsPerSecondMax: 1_000,
    version: '0.0.0',
    addRoutes: (app) => void app.post('/fails', () => Promise.reject(fault)),
  })
  const { statusCode, headers, payload } = await web.inject({ method: 'POST', url: '/fails' })
  await web.close()
  return { status: statusCode, headers, body: JSON.parse(payload) }
}

const postgresSays = (code: string) => Object.assign(new Error('of Postgres'), { code })

test.each(['/v1/things/a%00b', '/v1/things/a?of=%00'])(
  'a NUL in an address, which Postgres cannot read, is the caller’s fault: %s',
  async (url) => {
    const web = await buildWeb({
      logger: false,
      requestsPerSecondMax: 1_000,
      version: '0.0.0',
      addRoutes: (app) => void app.get('/v1/things/:id', () => Promise.reject(postgresSays('22021'))),
    })
    const { statusCode, payload } = await web.inject({ url })
    await web.close()
    expect(statusCode).toBe(400)
    expect(JSON.parse(payload).errors).toMatchObject([{ code: 'nul' }])
  },
)

describe('a fault of Postgres', () => {
  test.each([
    ['ends the connection', '57P01'],
    ['refuses the connection', 'ECONNREFUSED'],
    ['may not be written', '25006'],
    ['has no connection left', '53300'],
    ['takes longer than a statement may', '57014'],
    ['takes longer than a transaction may', '25P03'],
  ])('that %s is no fault of ours: the same may be sent again', async (_, code) => {
    const { status, headers, body } = await answerTo(postgresSays(code))
    expect(status).toBe(503)
    expect(headers['retry-after']).toBe('5')
    expect(body).toMatchObject({ type: 'urn:daymark:problem:cannot-be-kept' })
  })

  test('that is ours to mend says nothing but its request id', async () => {
    const { status, body } = await answerTo(postgresSays('42P01'))
    expect(status).toBe(500)
    expect(body.detail).toBe('Quote the request id to the operator')
  })
})
