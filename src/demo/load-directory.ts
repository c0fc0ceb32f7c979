import { readFile } from 'node:fs/promises'
import type { LineResult } from '../directory/import-recipients.ts'
import type { Service } from '../words/recipient.ts'
import type { ApiClient } from './api-client.ts'
import type { PretendReceiver } from './pretend-receiver.ts'

/** A line of the demo's directory, as far as the demo reads it. */
export interface Entry {
  id: string
  service: Service
  name: string
  channel: { kind: 'pull_queue' } | { kind: 'webhook'; url: string } | { kind: 'email'; address: string }
  contacts?: { name: string; role: string }[]
}

/** The demo's directory: invented places and people of one area. */
export async function readDirectory(): Promise<Entry[]> {
  const text = await readFile(new URL('./directory.ndjson', import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Entry => JSON.parse(line))
}

/** Imports the directory over HTTP, with the own addresses of the schools that are called, and gives each school its secret. */
export async function loadDirectory(
  operator: ApiClient,
  entries: readonly Entry[],
  schools: ReadonlyMap<string, PretendReceiver>,
): Promise<void> {
  const lines = entries.map((entry) => {
    const school = schools.get(entry.id)
    return school ? { ...entry, channel: { kind: 'webhook', url: school.url } } : entry
  })
  const results = await operator.postLines<LineResult>('/v1/directory/imports', lines)
  for (const { line, id, status, secret, errors } of results) {
    if (status >= 400) throw new Error(`Line ${line} of the demo's directory was refused: ${JSON.stringify(errors)}`)
    if (id && secret) schools.get(id)?.trust(secret)
  }
}
