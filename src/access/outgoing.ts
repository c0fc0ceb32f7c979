import http from 'node:http'
import https from 'node:https'
import { RequestFilteringHttpsAgent } from 'request-filtering-agent'

/** Where a call may go, and by which connections. */
export interface Route {
  url: URL
  transport: typeof http | typeof https
  agent: http.Agent
}

/** Says of each address whether it may be called; made once a process and closed with it. */
export interface Outgoing {
  routeTo: (url: string) => Route | { kind: 'blocked'; why: string }
  close: () => void
}

/** Connections to one host at one time. */
const SOCKETS_A_HOST_MAX = 16
const SOCKETS_MAX = 256
const pooled = { keepAlive: true, maxSockets: SOCKETS_A_HOST_MAX, maxTotalSockets: SOCKETS_MAX, scheduling: 'lifo' } as const

/**
 * The only way out of the service by HTTP: https only, never to a private, loopback, link-local or metadata address, whether
 * it is written in the URL or found by DNS; the agent checks the very address it connects to, so a second look-up cannot differ.
 * @param allowed `host:port` for which alone the https demand and the address guard are lifted
 */
export function openOutgoing(allowed: ReadonlySet<string>): Outgoing {
  const guarded = new RequestFilteringHttpsAgent(pooled)
  const plain = new http.Agent(pooled)
  const open = new https.Agent(pooled)
  return {
    routeTo: (url) => {
      if (!URL.canParse(url)) return { kind: 'blocked', why: 'the address is not a URL' }
      const parsed = new URL(url)
      const secure = parsed.protocol === 'https:'
      if (isAllowed(parsed, allowed)) {
        if (secure) return { url: parsed, transport: https, agent: open }
        if (parsed.protocol === 'http:') return { url: parsed, transport: http, agent: plain }
      }
      return secure ? { url: parsed, transport: https, agent: guarded } : { kind: 'blocked', why: 'the address is not https' }
    },
    close: () => {
      for (const agent of [guarded, plain, open]) agent.destroy()
    },
  }
}

/** Whether the https demand and the address guard are lifted for this address. */
export function isAllowed(url: URL, allowed: ReadonlySet<string>): boolean {
  return allowed.has(`${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`)
}

/** What the guarded agent says of an address it refused. */
export function isGuarded(error: Error): boolean {
  return error.message.includes('is not allowed. Because')
}
