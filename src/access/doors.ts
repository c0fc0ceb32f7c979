import type { Database } from '../database/connection.ts'
import type { Keys } from '../database/service-keys.ts'
import type { Clock } from '../words/clock.ts'
import { type Access, openAccess } from './access.ts'
import { guardedFetch } from './guarded-fetch.ts'
import { openOutgoing } from './outgoing.ts'
import { openSignIn, type SignIn } from './sign-in.ts'
import type { SignInSettings, TokenSettings } from './sign-in-settings.ts'
import { openTokenClients } from './token-clients.ts'

/** Every way in: keys always; people and tokens where the operator has set them up. */
export interface Doors {
  access: Access
  /** Null where no identity provider is set. */
  signIn: SignIn | null
  /** How it is with people and with tokens, for `/health`. */
  health: () => { signIn: DoorHealth; tokens: DoorHealth }
  close: () => void
}

export interface DoorHealth {
  status: 'UP' | 'WARN'
  detail?: string
}

export interface DoorSettings {
  signIn: SignInSettings | null
  tokens: TokenSettings | null
  /** `host:port` pairs that may be called without HTTPS and behind the address guard. */
  webhookAllow: ReadonlySet<string>
}

/** Opens them. Neither an identity provider nor a maker of tokens is asked anything yet. */
export function openDoors(settings: DoorSettings, room: { database: Database; keys: Keys; now: Clock }): Doors {
  const { database, keys, now } = room
  const outgoing = openOutgoing(settings.webhookAllow)
  const signIn = settings.signIn && openSignIn(settings.signIn, { ...room, outgoing })
  const tokens = settings.tokens && openTokenClients(settings.tokens, guardedFetch(outgoing), { key: keys.service.access, now })
  const stands = (door: { answers: () => boolean } | null, setting: string, away: string): DoorHealth => {
    if (!door) return { status: 'UP', detail: `off: ${setting} is not set` }
    return door.answers() ? { status: 'UP' } : { status: 'WARN', detail: away }
  }
  return {
    access: openAccess(database.kysely, now, { sessions: signIn?.sessions ?? null, tokens }),
    signIn,
    health: () => ({
      signIn: stands(signIn, 'OIDC_ISSUER', 'the identity provider does not answer: nobody new can sign in'),
      tokens: stands(tokens, 'OAUTH_ISSUER', 'the maker of tokens does not answer; its last keys stand for a day'),
    }),
    close: outgoing.close,
  }
}
