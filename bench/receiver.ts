/**
 * The school's side, in a process of its own and the same for the product and the skeleton: answers every POST with 200 and
 * remembers when each notification's first call came. `GET /` gives and forgets what came since.
 */
import { createServer } from 'node:http'
import { given, moment } from './programs.ts'

/** What came: by notification (its id, or its police reference) when the first call was there, and how many calls in all. */
export interface Heard {
  at: Record<string, number>
  calls: number
}

let heard: Heard = { at: {}, calls: 0 }
let count = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(request.url === '/count' ? String(count) : JSON.stringify(heard))
    if (request.url === '/count') return
    heard = { at: {}, calls: 0 }
    count = 0
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const at = moment()
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    // The skeleton names the notification it was given; a school is told the police's own reference.
    const name: unknown = body.notification ?? body.data?.policeReference
    const key = String(name)
    heard.calls += 1
    if (heard.at[key] === undefined) {
      heard.at[key] = at
      count += 1
    }
    response.writeHead(200, { 'content-length': 0 }).end()
  })
})
// A kept connection that the receiver closes between two rounds costs the skeleton a webhook: it does not try again.
server.keepAliveTimeout = 600_000
server.listen(Number(given('PORT')), '127.0.0.1', () => console.log('up'))
