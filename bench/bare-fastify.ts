/** The second limit: the same body posted to a route that parses it as JSON and answers 202, and does nothing else. */
import Fastify from 'fastify'
import { given } from './programs.ts'

const app = Fastify({ bodyLimit: 1024 * 1024 })
app.post('/v1/notifications', async (_request, reply) => reply.code(202).send({ id: 'ntf_none' }))
await app.listen({ port: Number(given('PORT')), host: '127.0.0.1' })
console.log('up')
