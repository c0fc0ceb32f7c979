import type { DueSource } from './due-loop.ts'
import { numberDispatches } from './queue-number-store.ts'
import { reportNonCollection } from './report-non-collection.ts'
import type { DueRoom } from './settle-due.ts'

const nobodyIsRung = { bell: null, direct: async () => {}, forgetHints: async () => {} } as const

/** What a worker does for pull queues as time passes: numbers what was released, and tells of what nobody collects. */
export function queueUpkeep(room: DueRoom): DueSource[] {
  return [
    {
      ...nobodyIsRung,
      name: 'queue numbers',
      hintDue: async (_at, limit) => ({ ids: [], unanswered: [], more: (await numberDispatches(room.db, limit)) === limit }),
    },
    { ...nobodyIsRung, name: 'non-collection', hintDue: (at, limit) => reportNonCollection(room, at, limit) },
  ]
}
