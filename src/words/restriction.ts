import type { PersonRef, RestrictionId } from './ids.ts'
import type { Address, Restriction } from './notification.ts'

/** A living restriction as it binds people of one notification, whichever notification stated it. */
export interface KnownRestriction extends Omit<Restriction, 'personRef' | 'reason'> {
  /** By which a supervisor lifts it; null where it has not been stored. */
  id: RestrictionId | null
  from: 'this notification' | 'this force' | 'another force'
  /** Whom of this notification it binds. */
  binds: readonly PersonRef[] | 'everyone'
  /** Why, in the words of the force that imposed it; null where that is another, whose words are not passed on. */
  reason: string | null
  /** What was known of the places it protects where it was stated. Only ever hidden: shown to nobody, and not recorded. */
  protects: { addresses: readonly Address[]; schools: readonly string[] }
}

/** What is known of restrictions when a notification is planned. */
export interface KnownRestrictions {
  living: readonly KnownRestriction[]
  /** Of the notification's own restrictions, by their place in its list: a supervisor has lifted these. */
  lifted: readonly number[]
  /** Why `living` may be short, in words a reviewer can read. */
  doubts: readonly string[]
}
