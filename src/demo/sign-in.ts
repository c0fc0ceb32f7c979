import type { Scope } from '../access/scopes.ts'
import { freePort } from '../underneath/free-port.ts'
import { type Caller, signedInCaller } from './api-client.ts'
import cast from './cast.json' with { type: 'json' }
import { ifBrought } from './if-brought.ts'
import type { DemoDaymark } from './open-daymark.ts'
import { openBrowser } from './pretend-browser.ts'
import type { PretendIdentityProvider } from './pretend-identity-provider.ts'
import type { Reporter } from './tell-live.ts'

/** Somebody of the cast who sits at desks. */
export interface Person {
  name: string
  agency: string
  role: string
}

/** What a person of the cast may do where there is no identity provider to give them a role. */
const BY_KEY: readonly Scope[] = ['desk:decide', 'notifications:read']

/** Where Daymark will be reached: people are sent back there, and links lead there. */
export async function nextUrl(): Promise<{ port: number; url: string }> {
  const port = await freePort()
  return { port, url: `http://127.0.0.1:${port}` }
}

/** A pretend identity provider with the cast in it; null where its package is not installed. */
export async function openProvider(held: AsyncDisposableStack, publicUrl: string): Promise<PretendIdentityProvider | null> {
  const people = Object.entries(cast.people).map(([subject, { name, agency, role }]) => ({
    subject,
    name,
    roles: [`daymark:${agency}:${role}`],
  }))
  return ifBrought(async () => {
    const { openPretendIdentityProvider } = await withoutWarnings(() => import('./pretend-identity-provider.ts'))
    const provider = await openPretendIdentityProvider({ people, publicUrl })
    held.defer(() => provider.close())
    return provider
  })
}

/** Signs somebody in as a person does, in a browser and by a click; where nobody can, they are given a key. */
export async function signIn(
  daymark: DemoDaymark,
  provider: PretendIdentityProvider | null,
  { person, report }: { person: Person; report: Reporter },
): Promise<Caller> {
  const { name, agency, role } = person
  if (!provider) return daymark.newClient(agency, name, BY_KEY)
  const browser = openBrowser()
  const choosing = await browser.open(`${daymark.url}/sign-in`)
  const { status, html } = await browser.click(choosing, name)
  if (status !== 200) throw new Error(`${name} could not sign in: ${status}`)
  const { id, desks }: { id: string; desks: string[] } = JSON.parse(html)
  const where = desks.map((desk) => desk.replaceAll('_', ' ')).join(', ')
  report(name, `✓ signs in by OpenID Connect, as ${role}, to sit at\n${where}`)
  return signedInCaller(daymark.url, { id, agency, name }, browser)
}

/** The package warns of every Node that is no long-term release yet; whoever watches a demo can do nothing about it. */
async function withoutWarnings<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const { warn } = console
  console.warn = () => {}
  try {
    return await load()
  } finally {
    console.warn = warn
  }
}
