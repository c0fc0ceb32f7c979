import { createKey } from '../access/keys-store.ts'
import type { Scope } from '../access/scopes.ts'
import { newDaymarkKeys, readConfig } from '../config.ts'
import { asAgency, openDatabase } from '../database/connection.ts'
import { migrate } from '../database/migrate.ts'
import { openDataKey } from '../database/sealing.ts'
import type { MailSettings } from '../delivery/email/mail-settings.ts'
import { readStored } from '../intake/notification-store.ts'
import { openRecord } from '../intake/record.ts'
import { serve } from '../serve.ts'
import type { Clock } from '../words/clock.ts'
import type { Outcome } from '../words/outcome.ts'
import { work } from '../worker.ts'
import { type ApiClient, apiClient } from './api-client.ts'
import type { PretendIdentityProvider } from './pretend-identity-provider.ts'

/** The whole service in this process, on a database that is the demo's. */
export interface DemoDaymark {
  url: string
  /** Makes a key for an agency, and somebody who calls with it. */
  newClient: (agency: string, name: string, scopes: readonly Scope[]) => Promise<ApiClient>
  /** The outcome of a notification's latest triage, whole, as it was recorded. */
  readOutcome: (agency: string, id: string) => Promise<Outcome | null>
}

export interface OpenWith {
  databaseUrl: string
  redisUrl: string | null
  /** A loopback port that is free, and where people reach it by that. */
  port: number
  publicUrl: string
  /** `host:port` of the pretend parts: they have no HTTPS. */
  webhookAllow: readonly string[]
  /** Null: nothing is mailed. */
  mail: MailSettings | null
  /** Null: nobody signs in. */
  provider: PretendIdentityProvider | null
  logLevel: string
  wall: Clock
}

/** Migrates, then starts the API and a worker on free ports, as `migrate`, `serve` and `worker` do. */
export async function openDaymark(held: AsyncDisposableStack, options: OpenWith): Promise<DemoDaymark> {
  const { databaseUrl, redisUrl, webhookAllow, mail, provider, logLevel, wall } = options
  const read = readConfig({
    DATABASE_URL: databaseUrl,
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    DAYMARK_KEYS: newDaymarkKeys(),
    DAYMARK_WEBHOOK_ALLOW: webhookAllow.join(','),
    HOST: '127.0.0.1',
    PORT: String(options.port),
    DAYMARK_PUBLIC_URL: options.publicUrl,
    ...(provider && {
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.clientId,
      OIDC_CLIENT_SECRET: provider.clientSecret,
    }),
    LOG_LEVEL: logLevel,
  })
  // Not by its settings: SMTP_CA_FILE would be one more file to take away again, also where the demo is killed.
  const config = { ...read, mail }
  await migrate(config.databaseUrl, config.daymarkKeys)
  const serving = await serve(config, wall)
  held.defer(() => serving.stop())
  const working = await work(config, wall)
  held.defer(() => working.stop())
  const owner = openDatabase(config.databaseUrl, null, 2)
  held.defer(() => owner.close())
  const app = openDatabase(config.databaseUrl, 'daymark_app', 2)
  held.defer(() => app.close())
  return {
    url: serving.url,
    newClient: async (agency, name, scopes) => {
      const { id, key } = await createKey(owner.kysely, agency, scopes, wall())
      return apiClient(serving.url, { id, agency, name, key })
    },
    readOutcome: (agency, id) =>
      asAgency(app, agency, async (trx) => {
        const stored = await readStored(trx, id)
        if (!stored?.key) return null
        const dataKey = openDataKey(config.keyRing, stored.id, stored.key)
        return openRecord(dataKey, stored.id, stored.record).triages.at(-1)?.outcome ?? null
      }),
  }
}
