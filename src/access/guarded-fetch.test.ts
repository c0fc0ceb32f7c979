import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { CannotBeReached, guardedFetch } from './guarded-fetch.ts'
import { openOutgoing } from './outgoing.ts'

/** A server for one test, and a fetch that may reach it. */
async function served(answer: (url: string) => { status: number; body?: string; headers?: Record<string, string> }) {
  const server = createServer((request, response) => {
    const { status, body = '', headers = {} } = answer(request.url ?? '')
    response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const outgoing = openOutgoing(new Set([host]))
  return {
    url: `http://${host}`,
    fetch: guardedFetch(outgoing),
    close: () => {
      outgoing.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
const get = { method: 'GET', headers: {} }

test('an identity provider is never looked for at a private address, by name or number, nor without HTTPS', async () => {
  const outgoing = openOutgoing(new Set())
  const fetch = guardedFetch(outgoing)
  for (const url of [
    'https://127.0.0.1:1/',
    'https://localhost:1/',
    'https://169.254.169.254/',
    'https://10.0.0.1/',
    'http://id.example/',
  ])
    await expect(fetch(url, get), url).rejects.toBeInstanceOf(CannotBeReached)
  outgoing.close()
})

test('a redirect is shown and not followed', async () => {
  const at = await served(() => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }))
  expect((await at.fetch(at.url, get)).status).toBe(302)
  at.close()
})

test('an answer without end, or a fault of the other side, is as good as none', async () => {
  const at = await served((url) => (url === '/long' ? { status: 200, body: 'x'.repeat(600_000) } : { status: 502 }))
  await expect(at.fetch(`${at.url}/long`, get)).rejects.toThrow('too long')
  await expect(at.fetch(at.url, get)).rejects.toThrow('status 502')
  at.close()
})
