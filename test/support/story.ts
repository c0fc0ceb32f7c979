import { readFile } from 'node:fs/promises'
import type { Daymark, TestClient } from './daymark.ts'
import { waitFor } from './wait-for.ts'

const examples = new URL('../examples/', import.meta.url)

/** The whole notification the contract gives as its example. */
export async function exampleNotification() {
  return JSON.parse(await readFile(new URL('notification.json', examples), 'utf8'))
}

/** Loads the example directory over HTTP, as an operator would. */
export async function loadDirectory(daymark: Pick<Daymark, 'client'>): Promise<TestClient> {
  const operator = await daymark.client('operator', ['directory:write', 'registers:write', 'audit:read'])
  const lines = await readFile(new URL('directory.ndjson', examples))
  const answer = await operator.send('POST', '/v1/directory/imports', lines, { 'content-type': 'application/x-ndjson' })
  if (answer.status !== 200) throw new Error(`The directory was not taken in: ${answer.status} ${JSON.stringify(answer.body)}`)
  return operator
}

/** Waits until a notification is triaged and returns what was decided. */
export async function triaged(police: TestClient, id: string) {
  return waitFor(`${id} is triaged`, async () => {
    const { body } = await police.get(`/v1/notifications/${id}`)
    return body.state === 'triaged' ? body : null
  })
}

/** Every wanted field of `wanted` stands in `found`. */
export function matches(found: Record<string, unknown>, wanted: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    name === 'dueBy' ? Temporal.Instant.compare(String(found[name]), String(value)) === 0 : found[name] === value,
  )
}
