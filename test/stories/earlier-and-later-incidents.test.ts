import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import scenarios from '../examples/scenarios.json' with { type: 'json' }
import { aDaymark, type Daymark, type TestClient } from '../support/daymark.ts'
import { loadDirectory, triaged } from '../support/story.ts'
import { waitFor } from '../support/wait-for.ts'

const fourth = scenarios.find(({ id }) => id === 've')
if (!fourth) throw new Error('the scenario of three earlier incidents is missing')
const [last, ...before] = fourth.previous

let daymark: Daymark
let police: TestClient
let holder: pg.Client

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-11-04T20:30:00Z' })
  await loadDirectory(daymark)
  police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  holder = new pg.Client({ connectionString: daymark.databaseUrl })
  await holder.connect()
})
afterAll(() => holder.end())

/** The scenario under references and people of its own. */
const as = (name: string, notification: unknown) => {
  const text = JSON.stringify(notification).replaceAll('Zzve', `Zz${name}`)
  return JSON.parse(text.replaceAll(/"ve(-p\d)?"/g, (_, part = '') => `"${name}${part}"`))
}
const send = async (notification: unknown): Promise<string> => {
  const answer = await police.post('/v1/notifications', notification)
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return answer.body.id
}
const toldSocialCare = async (id: string) => {
  const { dispatches } = (await police.get(`/v1/notifications/${id}`)).body
  return dispatches.some(({ service }: { service: string }) => service === 'childrens_social_care')
}

test('an earlier incident that comes late makes a later one due again, and what it then asks for is added', async () => {
  for (const one of before) await triaged(police, await send(as('l', one)))
  const id = await send(as('l', fourth.notification))
  await triaged(police, id)
  expect(await toldSocialCare(id)).toBe(false)
  await send(as('l', last))
  await waitFor('the later one is referred', () => toldSocialCare(id))
})

test('an earlier incident that is triaged while a later one is being triaged is not missed', async () => {
  for (const one of before) await triaged(police, await send(as('m', one)))
  // The later one has looked up its history, and is held where it appends to its own record.
  const id = await send(as('m', fourth.notification))
  await holder.query('begin')
  await holder.query('select id from audit_stream where id = $1 for update', [id])
  await waitFor('the later one is held', async () => {
    // By this very lock: somebody else may wait for another one, and the two incidents would then share a batch.
    const { rows } = await holder.query('select 1 from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))')
    return rows.length > 0 || (await police.get(`/v1/notifications/${id}`)).body.state === 'triaged'
  })
  const late = await send(as('m', last))
  await waitFor('the earlier one waits for it, or is done', async () => {
    const { rows } = await holder.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows.length > 1 || (await police.get(`/v1/notifications/${late}`)).body.state === 'triaged'
  })
  await holder.query('commit')
  await waitFor('the later one is referred', () => toldSocialCare(id))
})
