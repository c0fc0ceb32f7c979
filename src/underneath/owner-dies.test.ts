import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../test/support/wait-for.ts'
import { startPostgres } from './embedded-postgres.ts'

const UNDERNEATH = fileURLToPath(new URL('.', import.meta.url))

/** A program that borrows a PostgreSQL, says where it stands, and would then wait for ever. */
const OWNER = `
  import { startPostgres } from '${UNDERNEATH}embedded-postgres.ts'
  import pg from 'pg'
  const server = await startPostgres({ durable: false })
  const client = new pg.Client(server.url)
  await client.connect()
  const { rows } = await client.query("select current_setting('data_directory') as data")
  await client.end()
  process.stdout.write(JSON.stringify({ data: rows[0].data, serverPid: server.pid() }))
  setInterval(() => undefined, 60_000)
`

type Owned = { readonly ownerPid: number; readonly serverPid: number; readonly folder: string }

const owners: number[] = []
afterAll(() => {
  for (const pid of owners) if (lives(pid)) process.kill(pid, 'SIGKILL')
})

async function anOwner(): Promise<Owned> {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
    cwd: UNDERNEATH,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ownerPid = owner.pid ?? 0
  owners.push(ownerPid)
  let said = ''
  owner.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  await waitFor('the owner says where its server stands', () => said.endsWith('}'))
  const { data, serverPid }: { data: string; serverPid: number } = JSON.parse(said)
  return { ownerPid, serverPid, folder: dirname(data) }
}

/** Whether the process still does anything; one that is dead and only not yet reaped by its parent does not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    // There is no such process.
    return false
  }
}

describe('a program that looks after its parent', () => {
  test('hears when that is killed, and can end too', async () => {
    const orphan = `
      import { whenOrphaned } from '${UNDERNEATH}orphaned.ts'
      whenOrphaned(() => process.exit(0))
      setInterval(() => undefined, 60_000)
      process.stdout.write(process.pid + '.')`
    // A shell that waits for it, as npm does.
    const parent = spawn('/bin/sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, orphan], { stdio: 'pipe' })
    let said = ''
    parent.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    await waitFor('it runs', () => said.endsWith('.'))
    const pid = Number(said.slice(0, -1))
    owners.push(pid)
    parent.kill('SIGKILL')
    await waitFor('it has ended', () => !lives(pid))
  })
})

describe('a borrowed server', () => {
  test.each(['SIGKILL', 'SIGINT', 'SIGHUP'] as const)('ends, and its folder goes, when its owner ends by %s', async (signal) => {
    const owned = await anOwner()
    process.kill(owned.ownerPid, signal)
    await waitFor('the server has ended', () => !lives(owned.serverPid))
    await waitFor('its folder is gone', () => !existsSync(owned.folder))
  })

  test('whose supervisor was killed too is ended by the next start, which leaves the living alone', async () => {
    const living = await anOwner()
    const dead = await anOwner()
    const { pid: supervisorPid }: { pid: number } = JSON.parse(readFileSync(join(dead.folder, 'owner.json'), 'utf8'))
    process.kill(supervisorPid, 'SIGKILL')
    process.kill(dead.ownerPid, 'SIGKILL')
    await waitFor('both have ended', () => !lives(supervisorPid) && !lives(dead.ownerPid))
    expect(lives(dead.serverPid)).toBe(true)
    const next = await startPostgres({ durable: false })
    await waitFor('the server left behind has ended', () => !lives(dead.serverPid))
    expect(existsSync(dead.folder)).toBe(false)
    expect(lives(living.serverPid) && existsSync(living.folder)).toBe(true)
    await next.stop()
  })
})
