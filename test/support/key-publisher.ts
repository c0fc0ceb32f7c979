import { once } from 'node:events'
import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'

/** A maker of tokens that a test can break: it publishes keys, changes them, and goes away. */
export interface KeyPublisher {
  issuer: string
  host: string
  /** How often its keys were asked for. */
  asked: () => number
  /** Signs from now on by a new key, and publishes it; the old one is withdrawn. */
  rotate: (kid: string, algorithm?: string) => Promise<void>
  answering: (does: boolean) => void
  token: (claims: Record<string, unknown>, header?: { alg?: string; kid?: string }) => Promise<string>
  /** The public key as PEM, with which a forger might sign by HMAC. */
  publicPem: () => Promise<string>
  close: () => Promise<void>
}

export async function aKeyPublisher(): Promise<KeyPublisher> {
  let signing: { privateKey: CryptoKey; publicKey: CryptoKey } = await generateKeyPair('ES256', { extractable: true })
  let current = { kid: 'first', alg: 'ES256' }
  let up = true
  let asked = 0
  const server = createServer(async (request, response) => {
    if (!up) return void response.writeHead(500).end()
    const say = (body: unknown) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url !== '/jwks') return void say({ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` })
    asked += 1
    say({ keys: [{ ...(await exportJWK(signing.publicKey)), ...current, use: 'sig' }] })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server has no port.')
  const host = `127.0.0.1:${address.port}`
  const issuer = `http://${host}`
  return {
    issuer,
    host,
    asked: () => asked,
    rotate: async (kid, algorithm = 'ES256') => {
      signing = await generateKeyPair(algorithm, { extractable: true })
      current = { kid, alg: algorithm }
    },
    answering: (does) => {
      up = does
    },
    token: (claims, header = {}) =>
      new SignJWT({ iss: issuer, ...claims }).setProtectedHeader({ ...current, ...header }).sign(signing.privateKey),
    publicPem: () => exportSPKI(signing.publicKey),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
