import { fastifyCookie } from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { App } from './access/app.ts'
import { faultsOf } from './access/faults.ts'
import { loggedFault } from './access/logged-fault.ts'
import { badRequest, Problem, tooManyRequests } from './access/problems.ts'
import { readJson } from './access/read-json.ts'
import { newId } from './database/new-id.ts'
import { describeApi } from './openapi.ts'

/** What `web.ts` needs to answer; the rooms' routes are added by whoever starts it. */
export interface WebSettings {
  logger: FastifyBaseLogger | boolean
  requestsPerSecondMax: number
  version: string
  addRoutes: (app: App) => void
}

const BODY_BYTES_MAX = 1024 * 1024
/** How long a body of JSON may take to arrive. */
const BODY_WITHIN_MS = 30_000
const CONNECTIONS_MAX = 4096

/** The API: every room's routes behind one error handler, one way of reading JSON and one OpenAPI document. */
export async function buildWeb(settings: WebSettings): Promise<App> {
  const app = Fastify({
    ...(typeof settings.logger === 'boolean' ? { logger: settings.logger } : { loggerInstance: settings.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 0,
    connectionTimeout: 120_000,
    genReqId: requestIdOf,
    // While it stops, requests on open connections are still answered; readiness says 503 and no new ones come.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>()
  app.setSerializerCompiler(serializerCompiler)
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (data) => {
    const parsed = schema.safeParse(data)
    return parsed.success ? { value: parsed.data } : { error: badRequest(faultsOf(parsed.error, schema)) }
  })
  app.server.maxConnections = CONNECTIONS_MAX
  readBodiesStrictly(app)
  answerEveryRequest(app)
  refuseInProblems(app)
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } })
  // Cookies are set by whoever signs people in, and read by them alone: nearly every call is a machine's and has none.
  await app.register(fastifyCookie, { hook: false })
  await app.register(rateLimit, {
    max: settings.requestsPerSecondMax,
    timeWindow: 1000,
    // Forces sit behind one address: a client is its key. If the limiter fails, requests go on.
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
    skipOnError: true,
    errorResponseBuilder: tooManyRequests,
  })
  await describeApi(app, settings.version)
  settings.addRoutes(app)
  return app
}

/** A caller's own id is kept where it is harmless, so that one request can be followed across services. */
function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : newId('evt').slice('evt_'.length)
}

function readBodiesStrictly(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    const read = readJson(typeof body === 'string' ? Buffer.from(body) : body)
    if (read.kind === 'read') done(null, read.value)
    else done(badRequest(read.faults))
  })
  app.addContentTypeParser([...LINES], (_request, body, done) => done(null, body))
}

function answerEveryRequest(app: App): void {
  const reading = new WeakMap<FastifyRequest, NodeJS.Timeout>()
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store')
    if (request.raw.url?.includes('%00'))
      throw badRequest([{ pointer: '', code: 'nul', detail: 'The address holds a NUL character, which cannot be kept' }])
    if (request.headers['content-encoding'] !== undefined) {
      throw new Problem({
        status: 415,
        code: 'content-encoding',
        title: 'Send the body as it is',
        detail: 'No Content-Encoding is understood',
      })
    }
    if (!isTaken(request)) {
      throw wrongMediaType(request)
    }
    // An import may take as long as it likes; a form that drips in holds a connection for nothing.
    if (!takesLines(request))
      reading.set(
        request,
        setTimeout(() => request.raw.destroy(), BODY_WITHIN_MS),
      )
  })
  app.addHook('preHandler', async (request) => clearTimeout(reading.get(request)))
  app.addHook('onResponse', async (request, reply) => {
    clearTimeout(reading.get(request))
    // The route's pattern, never the URL: a URL is somebody's input.
    const { method, id, routeOptions } = request
    request.log.info(
      { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime), requestId: id },
      'answered',
    )
  })
}

/** What is read as it streams in, by imports alone. */
const LINES: readonly string[] = ['application/x-ndjson', 'text/csv']

/** An import says in its schema what it takes; every other route takes no lines. */
function isTaken(request: FastifyRequest): boolean {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined) return true
  const lines = linesTaken(request)
  return lines.length > 0 ? lines.includes(type) : !LINES.includes(type)
}

function linesTaken({ routeOptions }: FastifyRequest): string[] {
  return routeOptions.schema?.consumes?.filter((type) => LINES.includes(type)) ?? []
}

const takesLines = (request: FastifyRequest) => linesTaken(request).length > 0

function wrongMediaType(request: FastifyRequest): Problem {
  const wanted = linesTaken(request).join(' or ') || 'application/json'
  return new Problem({ status: 415, code: 'unsupported-media-type', title: 'That cannot be read here', detail: `Send ${wanted}` })
}

function refuseInProblems(app: App): void {
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new Problem({ status: 404, code: 'no-such-route', title: 'There is nothing at this address' })),
  )
  app.setErrorHandler<FastifyError | Problem | Error>((fault, request, reply) =>
    refuse(request, reply, toProblem(fault, request)),
  )
}

/** Fastify's own refusals in our form; anything else is a fault of ours, and says nothing but its request id. */
function toProblem(fault: FastifyError | Problem | Error, request: FastifyRequest): Problem {
  if (fault instanceof Problem) return fault
  const code = 'code' in fault ? fault.code : ''
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return wrongMediaType(request)
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Problem({ status: 413, code: 'too-large', title: 'The body is too large', detail: 'A body may hold 1 MiB' })
  }
  if ('statusCode' in fault && typeof fault.statusCode === 'number' && fault.statusCode >= 400 && fault.statusCode < 500) {
    return new Problem({ status: fault.statusCode, code: 'bad-request', title: 'The request cannot be read' })
  }
  if (isPostgresAway(fault)) {
    request.log.error({ code, requestId: request.id }, 'Postgres cannot be reached or written')
    return new Problem({
      status: 503,
      code: 'cannot-be-kept',
      title: 'Nothing can be stored just now',
      detail: 'Send the same again: if it was kept after all, it is answered as the one it is',
      headers: { 'retry-after': '5' },
    })
  }
  request.log.error({ fault: loggedFault(fault), requestId: request.id }, 'a request failed')
  return new Problem({
    status: 500,
    code: 'fault',
    title: 'Something failed here',
    detail: 'Quote the request id to the operator',
  })
}

/**
 * Connection lost or refused, shutting down, out of connections or read-only: the classes 08, 53, 57P and 25006. And 57014 and
 * 25P03, our own limits on a statement and on a transaction: Postgres is there and cannot do it in time.
 */
function isPostgresAway(fault: Error): boolean {
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  return (
    /^(08|53|57P)|^(25006|25P03|57014)$|^ECONN|^ENOTFOUND$|^EPIPE$|^ETIMEDOUT$|^EAI_AGAIN$|^EHOSTUNREACH$|^ENETUNREACH$/.test(
      code,
    ) || /timeout exceeded when trying to connect|Connection terminated/i.test(fault.message)
  )
}

function refuse(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const body = {
    type: `urn:daymark:problem:${problem.code}`,
    title: problem.title,
    status: problem.status,
    ...(problem.message === problem.title ? {} : { detail: problem.message }),
    instance: request.routeOptions.url ?? '',
    requestId: request.id,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  }
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(body)
}
