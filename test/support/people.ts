import { afterAll } from 'vitest'
import {
  openPretendIdentityProvider,
  type PretendIdentityProvider,
  type PretendMachine,
  type PretendPerson,
} from '../../src/demo/pretend-identity-provider.ts'
import { freePort } from '../../src/underneath/free-port.ts'
import { aDaymark, type Daymark } from './daymark.ts'

/** The whole service, with an identity provider at which anybody in `people` signs in by a click. */
export interface DaymarkWithPeople {
  daymark: Daymark
  provider: PretendIdentityProvider
}

const open: PretendIdentityProvider[] = []
// The provider goes last: whoever still asks it something is not left hanging.
afterAll(async () => {
  for (const one of open.splice(0)) await one.close()
})

export async function aPretendProvider(
  publicUrl: string,
  people: readonly PretendPerson[],
  machines: readonly PretendMachine[] = [],
): Promise<PretendIdentityProvider> {
  const provider = await openPretendIdentityProvider({ people, machines, publicUrl })
  open.push(provider)
  return provider
}

/** Starts both; the service needs its own address before it listens. */
export async function aDaymarkWithPeople(
  people: readonly PretendPerson[],
  machines: readonly PretendMachine[] = [],
): Promise<DaymarkWithPeople> {
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}`
  const provider = await aPretendProvider(publicUrl, people, machines)
  const daymark = await aDaymark({
    webhookAllow: provider.host,
    settings: { PORT: String(port), ...settingsFor(provider, publicUrl) },
  })
  return { daymark, provider }
}

/** What the service is told of a provider. */
export const settingsFor = (provider: PretendIdentityProvider, publicUrl: string) => ({
  DAYMARK_PUBLIC_URL: publicUrl,
  OIDC_ISSUER: provider.issuer,
  OIDC_CLIENT_ID: provider.clientId,
  OIDC_CLIENT_SECRET: provider.clientSecret,
  OAUTH_ISSUER: provider.issuer,
  OAUTH_AUDIENCE: provider.audience,
})
