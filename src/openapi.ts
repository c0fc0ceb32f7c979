import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { App } from './access/app.ts'

/** The API's own description, at `/openapi.json` and `/docs`: made from the schemas that validate it. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Daymark',
        version,
        description:
          "Routes police domestic-abuse notifications by each area's own procedure to everyone who must know, on time, and proves it.",
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key from `daymark keys create`' },
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'An access token of OAUTH_ISSUER, made for OAUTH_AUDIENCE, whose claim `daymark_agency` names the agency',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-daymark-session',
            description:
              'A person’s session, from `GET /sign-in`. A change must come from our own pages, by Sec-Fetch-Site or Origin',
          },
        },
      },
      security: [{ apiKey: [] }, { token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
