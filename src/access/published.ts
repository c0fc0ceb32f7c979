import {
  allowInsecureRequests,
  type ClientAuth,
  type Configuration,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client'
import type { Clock } from '../words/clock.ts'
import { CannotBeReached, type GuardedFetch } from './guarded-fetch.ts'

/** What an issuer publishes of itself: its endpoints and where its keys are. */
export interface Published {
  /** @throws CannotBeReached where it has never answered */
  configuration: () => Promise<Configuration>
  /** False from a failed call until the next that succeeds. */
  answers: () => boolean
  /** Says that a call to it failed elsewhere. */
  failed: () => void
}

/** An issuer that moves its endpoints is believed again after this. */
const KNOWN_FOR_MS = 3_600_000
/** Between two attempts while it is away. */
const COOLDOWN_MS = 30_000
/** How far its clock and ours may differ: token expiry goes by wall time. */
export const TOLERANCE_S = 30

/** Asks an issuer for its endpoints (OpenID Connect Discovery). */
export function discover(
  at: { issuer: URL; clientId: string; insecure: boolean; authentication: ClientAuth },
  fetch: GuardedFetch,
): Promise<Configuration> {
  return discovery(at.issuer, at.clientId, { [clockTolerance]: TOLERANCE_S }, at.authentication, {
    execute: [enableNonRepudiationChecks, ...(at.insecure ? [allowInsecureRequests] : [])],
    [customFetch]: fetch,
  })
}

/**
 * Remembers what an issuer publishes, for an hour. It is asked when somebody first needs it and never at the start, so that its
 * absence stops nobody else; while it is away, what it last said stands, and nobody waits for it.
 */
export function openPublished(ask: () => Promise<Configuration>, now: Clock): Published {
  let known: { configuration: Configuration; at: Temporal.Instant } | null = null
  let asking: Promise<Configuration> | null = null
  let askedAt: Temporal.Instant | null = null
  let answering = true
  const olderThan = (since: Temporal.Instant | null, ms: number) =>
    since === null || now().epochMilliseconds - since.epochMilliseconds > ms

  async function askOnce(): Promise<Configuration> {
    askedAt = now()
    try {
      const configuration = await ask()
      known = { configuration, at: now() }
      answering = true
      return configuration
    } catch {
      answering = false
      throw new CannotBeReached('it does not say what it is')
    }
  }

  function asked(): Promise<Configuration> {
    asking ??= askOnce().finally(() => {
      asking = null
    })
    return asking
  }

  return {
    configuration: async () => {
      if (!known) return asked()
      // Nobody waits for what is only looked at again.
      if (olderThan(known.at, KNOWN_FOR_MS) && olderThan(askedAt, COOLDOWN_MS)) asked().catch(() => {})
      return known.configuration
    },
    answers: () => answering,
    failed: () => {
      answering = false
    },
  }
}

/** Whether the other side is away, at whatever depth of a library's own errors that stands. */
export function isAway(fault: unknown): boolean {
  if (fault instanceof CannotBeReached) return true
  return fault instanceof Error && fault.cause !== undefined && isAway(fault.cause)
}
