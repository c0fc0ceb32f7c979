import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { aReceiver } from '../../../test/support/receiver.ts'
import { openSender } from './send.ts'

const senders: { close: () => void }[] = []
afterAll(() => {
  for (const sender of senders) sender.close()
})

function aSender(allowed: string[] = [], timeoutMs = 2_000) {
  const sender = openSender(new Set(allowed), timeoutMs)
  senders.push(sender)
  return sender
}

describe('the address guard', () => {
  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.3.4/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://192.0.2.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://localhost/',
    'https://localhost:8443/',
    'https://user:pass@127.0.0.1/',
  ])('refuses %s', async (url) => {
    expect(await aSender().post(url, {}, '{}')).toMatchObject({ kind: 'blocked' })
  })

  test.each(['http://school.example/', 'http://127.0.0.1/', 'ftp://school.example/', 'file:///etc/passwd', 'school.example', ''])(
    'refuses "%s", which is not https',
    async (url) => {
      expect(await aSender().post(url, {}, '{}')).toMatchObject({ kind: 'blocked' })
    },
  )

  test('is lifted for exactly the host and port that are named', async () => {
    const [named, other] = [await aReceiver(), await aReceiver()]
    const sender = aSender([named.host])
    expect(await sender.post(named.url, {}, '{}')).toMatchObject({ kind: 'answered', status: 200 })
    expect(await sender.post(other.url, {}, '{}')).toMatchObject({ kind: 'blocked' })
    expect(await sender.post(named.url.replace('127.0.0.1', 'localhost'), {}, '{}')).toMatchObject({ kind: 'blocked' })
    expect(other.received).toEqual([])
  })
})

describe('a call', () => {
  test('that is refused a connection has failed, with a code and nothing more', async () => {
    const school = await aReceiver()
    await school.close()
    expect(await aSender([school.host]).post(school.url, {}, '{}')).toEqual({ kind: 'failed', why: 'ECONNREFUSED' })
  })

  test('that is broken off has failed', async () => {
    const school = await aReceiver()
    school.answerNextWith({ kind: 'broken off' })
    expect(await aSender([school.host]).post(school.url, {}, '{}')).toMatchObject({ kind: 'failed' })
  })

  test('that is never answered ends by itself', async () => {
    const school = await aReceiver()
    school.answerNextWith({ kind: 'hang' })
    expect(await aSender([school.host], 150).post(school.url, {}, '{}')).toEqual({ kind: 'timed out' })
  })

  test('that is answered with another protocol has failed, and does not wait for ever', async () => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: anything\r\n\r\n'),
      )
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const host = `127.0.0.1:${address.port}`
    const sent = await aSender([host]).post(`http://${host}/`, {}, '{}')
    expect(sent).toEqual({ kind: 'failed', why: 'closed without an answer' })
    server.close()
  })

  test('reads an answer so far and no further', async () => {
    let written = 0
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const server = createServer((request, response) => {
      request.resume()
      response.on('close', resolve)
      response.writeHead(200)
      const talk = () => {
        while (!response.destroyed && written < 50_000_000 && response.write('x'.repeat(10_000))) written += 10_000
      }
      response.on('drain', talk)
      talk()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const host = `127.0.0.1:${address.port}`
    expect(await aSender([host]).post(`http://${host}/`, {}, '{}')).toMatchObject({ kind: 'answered', status: 200 })
    await ended
    expect(written).toBeLessThan(10_000_000)
    server.close()
  })

  test('over a kept connection that the school has closed meanwhile is made again', async () => {
    const school = await aReceiver()
    const sender = aSender([school.host])
    await sender.post(school.url, {}, '1')
    school.answerNextWith({ kind: 'broken off' })
    expect(await sender.post(school.url, {}, '2')).toMatchObject({ kind: 'answered', status: 200 })
    expect(school.received.map(({ body }) => body)).toEqual(['1', '2', '2'])
  })
})
