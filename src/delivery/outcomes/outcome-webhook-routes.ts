import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Access } from '../../access/access.ts'
import type { App } from '../../access/app.ts'
import { notFound, Problem, refusals } from '../../access/problems.ts'
import { type Client, OPERATOR } from '../../access/scopes.ts'
import { appendAuditEvents } from '../../audit/append-audit-events.ts'
import { asAgency, type Database } from '../../database/connection.ts'
import type { Keys } from '../../database/service-keys.ts'
import { newSigningSecret } from '../../directory/signing-secret.ts'
import { urlFault } from '../../directory/webhook-url.ts'
import type { Clock } from '../../words/clock.ts'
import { lockOutcomeWebhook, putOutcomeWebhook } from './outcome-webhook-store.ts'

const URL_LENGTH_MAX = 2_000
/** The newest signs, and the one before it, until the force has taken up the new one. */
const SECRETS_MAX = 2

const params = z.object({
  agency: z
    .string()
    .min(1)
    .max(100)
    .describe('The force')
    .meta({ examples: ['police-derbyshire'] }),
})

const bodyFor = (allow: ReadonlySet<string>) =>
  z.strictObject({
    url: z
      .string()
      .max(URL_LENGTH_MAX)
      .superRefine((url, context) => {
        const fault = urlFault(url, allow)
        if (fault !== null) context.addIssue({ code: 'custom', message: fault, params: { code: 'wrong-format' } })
      })
      .describe('An https address')
      .meta({ examples: ['https://police.example/daymark/outcomes'] }),
    newSecret: z
      .boolean()
      .default(false)
      .describe('Makes another secret. The one before it goes on signing beside it, until the next'),
  })

const answer = z
  .object({
    agency: z.string(),
    url: z.string(),
    secret: z.string().optional().describe('whsec_…, once, in the answer that makes it: it signs every call (Standard Webhooks)'),
  })
  .meta({ id: 'OutcomeWebhook' })

/** Where a force has outcomes sent as they are recorded, instead of asking for them. */
export function outcomeWebhookRoutes(
  app: App,
  deps: { access: Access; database: Database; keys: Keys; now: Clock; webhookAllow: ReadonlySet<string> },
): void {
  const { access, database, keys, now } = deps
  app.put(
    '/v1/forces/:agency/outcome-webhook',
    {
      onRequest: (request) => demandEither(access, request),
      schema: {
        tags: ['Notifications'],
        summary: 'Have outcomes sent to your force as they are recorded',
        description:
          'Each outcome that a recipient records from now on is posted as a CloudEvent, uk.daymark.outcome.recorded.v1, signed as Standard ' +
          'Webhooks: references, service and code, and no note and no name. By the force, or by the operator with directory:write. ' +
          'A 410 stops the calls until it is put again.',
        params,
        body: bodyFor(deps.webhookAllow),
        response: { 200: answer, ...refusals },
      },
    },
    async (request) => {
      const client = access.clientOf(request)
      const { agency } = request.params
      if (!mayPut(client, agency)) throw notFound('force')
      const { url, newSecret } = request.body
      const at = now().round('millisecond')
      const secret = await asAgency(database, client.agency, async (trx) => {
        const stored = await lockOutcomeWebhook(trx, keys.ring, agency)
        const made = stored === null || newSecret ? newSigningSecret() : undefined
        const secrets = [...(made ? [made] : []), ...(stored?.secrets ?? [])].slice(0, SECRETS_MAX)
        await putOutcomeWebhook(trx, keys.ring, { agency, url, secrets }, { actor: client.id, at })
        const detail = { agency, newSecret: made !== undefined }
        await appendAuditEvents(trx, at, [{ stream: 'service', kind: 'outcome webhook put', actor: client.id, detail }])
        return made
      })
      return { agency, url, ...(secret ? { secret } : {}) }
    },
  )
}

/** A force by what it sends with, the operator by what it keeps the directory with. */
async function demandEither(access: Access, request: FastifyRequest): Promise<void> {
  try {
    await access.demand('directory:write')(request)
  } catch (refusal) {
    if (!(refusal instanceof Problem) || refusal.code !== 'missing-scope') throw refusal
    await access.demand('notifications:write')(request)
  }
}

function mayPut({ agency: own, scopes }: Client, agency: string): boolean {
  return own === OPERATOR ? scopes.includes('directory:write') : own === agency && scopes.includes('notifications:write')
}
