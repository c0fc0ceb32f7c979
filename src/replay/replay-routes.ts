import { z } from 'zod'
import type { Access } from '../access/access.ts'
import type { App } from '../access/app.ts'
import { badRequest, type Fault, Problem, refusals } from '../access/problems.ts'
import { asAgency, type Database } from '../database/connection.ts'
import type { KeyRing } from '../database/sealing.ts'
import type { Edition } from '../policy/edition.ts'
import { replayPack } from './replay-pack.ts'
import { type ReplayWindow, readRecords } from './replay-store.ts'

/** What a replay over HTTP needs. */
export interface ReplayRoom {
  access: Access
  /** Acts for one force, which sees its own notifications. */
  app: Database
  ring: KeyRing
  /** Reads the text of a pack, or names every fault in it. */
  readDraft: (text: string) => { kind: 'edition'; edition: Edition } | { kind: 'faults'; faults: PackFault[] }
}

interface PackFault {
  line: number | null
  path: string
  says: string
}

/**
 * Who calls shares the process with forces that send: a replay here is one at a time, over the newest of its force's
 * notifications, and never holds the process for longer than a page takes. All of them: `daymark policy replay`.
 */
const NOTIFICATIONS_MAX = 5_000
const PAGE = 50
const EXAMPLES_MAX = 5
const FAULTS_MAX = 100
const PACK_CHARACTERS_MAX = 512 * 1024
const RETRY_AFTER_S = '5'

const instantText = () => z.iso.datetime({ offset: true, error: 'Write an RFC 3339 date and time with its offset' })

const body = z.strictObject({
  pack: z.string().min(1).max(PACK_CHARACTERS_MAX).describe('The changed pack, as YAML text'),
  from: instantText().optional().describe('Reported at this moment or later'),
  to: instantText().optional().describe('Reported before this moment'),
})

const reportBody = z
  .object({
    pack: z.object({ area: z.string(), inForceFrom: z.string(), sha256: z.string() }),
    notifications: z.int().describe('How many it was replayed over, each as it was last decided'),
    whole: z.boolean().describe(`False where there are more than ${NOTIFICATIONS_MAX}: the oldest were left out`),
    changed: z.int().describe('How many would have told somebody otherwise'),
    differences: z.array(
      z.object({
        change: z.enum(['now told', 'no longer told', 'told sooner', 'told later', 'told as another kind']),
        service: z.string(),
        kind: z.string(),
        was: z.string().nullable().describe('What it was told as, where that would change'),
        count: z.int().describe('One a notification; one a child or patient where a service is told about each apart'),
        examples: z.array(z.object({ notification: z.string(), policeReference: z.string(), about: z.string().nullable() })),
      }),
    ),
    notRecorded: z
      .array(z.object({ fact: z.string(), notifications: z.int() }))
      .describe('Facts the pack needs that were not recorded: they read as unknown, never as no'),
    undecided: z
      .object({ before: z.int(), after: z.int() })
      .describe('In how many notifications some rule cannot tell, so that a person is asked'),
  })
  .meta({ id: 'Replay' })

/** `POST /v1/policies/{area}/replays`: what a changed pack would have told otherwise, for a lead to read before it is signed. */
export function replayRoutes(app: App, deps: ReplayRoom): void {
  const { access } = deps
  let underWay = false
  app.post(
    '/v1/policies/:area/replays',
    {
      onRequest: access.demand('policy:read'),
      schema: {
        tags: ['Policies'],
        summary: 'Hold a changed pack against what was recorded: who would now be told, no longer, sooner or later',
        description: `Over your own force’s notifications alone, the newest ${NOTIFICATIONS_MAX}. Nothing is stored, sent or decided anew.`,
        params: z.object({ area: z.string().describe('The pack’s area') }),
        body,
        response: { 200: reportBody, ...refusals },
      },
    },
    async (request) => {
      const edition = readPack(deps, request.params.area, request.body.pack)
      if (underWay) throw replayUnderWay()
      underWay = true
      try {
        return await replayFor(deps, access.clientOf(request).agency, edition, windowOf(edition, request.body))
      } finally {
        underWay = false
      }
    },
  )
}

function replayFor(deps: ReplayRoom, agency: string, edition: Edition, window: ReplayWindow) {
  return replayPack({
    edition,
    ring: deps.ring,
    readPage: (before) => asAgency(deps.app, agency, (trx) => readRecords(trx, window, before, PAGE)),
    notificationsMax: NOTIFICATIONS_MAX,
    examplesMax: EXAMPLES_MAX,
    told: () => undefined,
  })
}

function windowOf({ authorities }: Edition, { from, to }: z.infer<typeof body>): ReplayWindow {
  return {
    authorities: authorities === 'every area' ? null : authorities,
    area: null,
    from: from === undefined ? null : Temporal.Instant.from(from),
    to: to === undefined ? null : Temporal.Instant.from(to),
  }
}

function readPack({ readDraft }: ReplayRoom, area: string, text: string): Edition {
  const read = readDraft(text)
  if (read.kind === 'faults') throw packHasFaults(read.faults)
  if (read.edition.area === area) return read.edition
  throw badRequest([{ pointer: '/pack', code: 'other-area', detail: 'The pack’s area is not the one in the path' }])
}

/** Every fault by its line. A pack is public text and holds nobody's data, so its words may be repeated. */
function packHasFaults(faults: readonly PackFault[]): Problem {
  const errors = faults.slice(0, FAULTS_MAX).map(
    ({ line, path, says }): Fault => ({
      pointer: '/pack',
      code: 'pack',
      detail: `${line === null ? '' : `line ${line}, `}${path === '' ? '' : `${path}: `}${says}`,
    }),
  )
  return new Problem({
    status: 400,
    code: 'pack-has-faults',
    title: 'The pack cannot be used',
    detail: `${faults.length === 1 ? 'One fault' : `${faults.length} faults`}, each named in errors by its line`,
    errors,
  })
}

function replayUnderWay(): Problem {
  return new Problem({
    status: 429,
    code: 'replay-under-way',
    title: 'Another replay is under way',
    detail: 'One at a time: wait as Retry-After says, then send the same again',
    headers: { 'retry-after': RETRY_AFTER_S },
  })
}
