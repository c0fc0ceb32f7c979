import type { Generated } from 'kysely'
import type { NotificationId, RestrictionId } from '../words/ids.ts'
import type { Restriction } from '../words/notification.ts'

type Instant = Temporal.Instant

/** What binds people until a supervisor lifts it. */
export interface RestrictionTables {
  restriction: {
    id: RestrictionId
    notification_id: NotificationId
    /** Its place in the notification's own list, from 0. */
    number: number
    agency: string
    kind: Restriction['kind']
    sealed: Buffer
    says: Buffer
    imposed_by: string
    imposed_at: Instant
    spread: Generated<boolean>
    lifted_by: Generated<string | null>
    lifted_at: Generated<Instant | null>
    lifting_reason: Generated<Buffer | null>
    lifted_with: Generated<RestrictionId | null>
  }
  restriction_key: { key: Buffer; restriction_id: RestrictionId }
}
