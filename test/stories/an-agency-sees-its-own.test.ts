import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asAgency, type Database, openDatabase, type Role } from '../../src/database/connection.ts'
import { aDaymark, type Daymark } from '../support/daymark.ts'
import { exampleNotification, loadDirectory, triaged } from '../support/story.ts'

let daymark: Daymark
let app: Database
const open: Database[] = []

function as(role: Role): Database {
  const database = openDatabase(daymark.databaseUrl, role, 2)
  open.push(database)
  return database
}

/** How many rows a query without any `where` shows an agency. */
const count = (agency: string, table: string): Promise<number> =>
  asAgency(app, agency, async (trx) => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(trx)
    return rows[0]?.n ?? -1
  })

beforeAll(async () => {
  daymark = await aDaymark({ clock: '2026-10-14T22:30:00Z' })
  await loadDirectory(daymark)
  app = as('daymark_app')
  const police = await daymark.client('police-derbyshire', ['notifications:write', 'notifications:read'])
  const { body } = await police.post('/v1/notifications', await exampleNotification())
  await triaged(police, body.id)
})

afterAll(async () => {
  for (const database of open) await database.close()
})

describe('with a login that may do anything, a pool acts as its role alone', () => {
  test('the login really is a superuser, and the role is not', async () => {
    const client = new pg.Client({ connectionString: daymark.databaseUrl })
    await client.connect()
    const { rows } = await client.query('select rolsuper from pg_roles where rolname = current_user')
    await client.end()
    expect(rows).toEqual([{ rolsuper: true }])
    expect(await app.query('select current_user as who', [])).toEqual([{ who: 'daymark_app' }])
    expect(await app.query('select rolsuper, rolbypassrls from pg_roles where rolname = current_user', [])).toEqual([
      { rolsuper: false, rolbypassrls: false },
    ])
  })

  test('a query without a where shows an agency only what is its own', async () => {
    expect(await count('police-derbyshire', 'notification')).toBe(1)
    expect(await count('police-elsewhere', 'notification')).toBe(0)
    expect(await count('csc-E06000015', 'notification')).toBe(0)
    expect(await count('csc-E06000015', 'dispatch')).toBe(1)
    expect(await count('csc-E10000007', 'dispatch')).toBe(0)
    expect(await count('police-elsewhere', 'task')).toBe(0)
    expect(await count('police-elsewhere', 'audit_event')).toBe(0)
    expect(await count('police-elsewhere', 'data_key')).toBe(0)
    expect(await count('police-elsewhere', 'attempt')).toBe(0)
  })

  test('a transaction for which nobody set an agency sees nothing', async () => {
    for (const table of [
      'notification',
      'dispatch',
      'task',
      'audit_event',
      'data_key',
      'recipient',
      'open_case',
      'pupil_roll',
      'marac_case',
      'earlier_incident',
      'restriction',
    ]) {
      expect(await app.query(`select count(*)::int as n from ${table}`, []), table).toEqual([{ n: 0 }])
    }
  })

  test('a recipient may open its own dispatch and not the notification it came from', async () => {
    expect(await count('csc-E06000015', 'data_key')).toBe(1)
    expect(await count('csc-E06000015', 'notification')).toBe(0)
    expect(await count('csc-E06000016', 'data_key')).toBe(0)
  })
})

describe('what no role may do', () => {
  const refused = async (role: Role, statement: string) => {
    await expect(as(role).query(statement, []), `${role}: ${statement}`).rejects.toThrow(
      /permission denied|never changed|row-level security/,
    )
  }

  test('nobody changes or deletes an audit event', async () => {
    for (const role of ['daymark_intake', 'daymark_app', 'daymark_worker', 'daymark_auditor'] as const) {
      await refused(role, `update audit_event set kind = 'nothing happened'`)
      await refused(role, 'delete from audit_event')
      await refused(role, 'truncate audit_event')
    }
  })

  test('not even the owner of the table changes one by mistake', async () => {
    const client = new pg.Client({ connectionString: daymark.databaseUrl })
    await client.connect()
    await expect(client.query('delete from audit_event')).rejects.toThrow(/never changed/)
    await client.end()
  })

  test('the door only inserts: it cannot read back what it wrote', async () => {
    for (const table of ['notification', 'data_key', 'person_key', 'audit_event', 'api_key', 'service_key', 'recipient']) {
      await refused('daymark_intake', `select * from ${table}`)
    }
    await refused('daymark_intake', `update notification set state = 'withdrawn'`)
  })

  test('nobody lifts a restriction but by the way that records who and why', async () => {
    for (const role of ['daymark_intake', 'daymark_app', 'daymark_worker', 'daymark_auditor'] as const) {
      await refused(role, 'update restriction set lifted_at = now()')
      await refused(role, 'delete from restriction_key')
    }
    await refused('daymark_app', 'select key from restriction_key')
    await refused('daymark_auditor', 'select sealed from restriction')
    await refused('daymark_intake', 'select id from restriction')
  })

  test('the auditor reads what happened, and nothing that is sealed', async () => {
    await refused('daymark_auditor', 'select body from notification')
    await refused('daymark_auditor', 'select record from notification')
    await refused('daymark_auditor', 'select content from dispatch')
    await refused('daymark_auditor', 'select questions from task')
    await refused('daymark_auditor', 'select sealed from recipient')
    await refused('daymark_auditor', 'select * from data_key')
    await refused('daymark_auditor', 'select * from person_key')
    expect(await as('daymark_auditor').query('select count(*)::int as n from dispatch', [])).not.toEqual([{ n: 0 }])
  })

  test('nothing that runs makes or changes a table', async () => {
    for (const role of ['daymark_intake', 'daymark_app', 'daymark_worker', 'daymark_auditor'] as const) {
      await refused(role, 'create table x (y int)')
      await expect(as(role).query('alter table dispatch add z int', [])).rejects.toThrow(/must be owner/)
    }
  })
})
