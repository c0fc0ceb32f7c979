import { beforeAll, describe, expect, test } from 'vitest'
import { aDaymark } from '../support/daymark.ts'

interface Operation {
  tags?: string[]
  summary?: string
  parameters?: { name: string; in: string }[]
  responses: Record<string, unknown>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

let document: Document

beforeAll(async () => {
  const { url } = await aDaymark({ worker: false })
  document = JSON.parse(await (await fetch(`${url}/openapi.json`)).text())
})

describe('the OpenAPI document', () => {
  test('in openapi/ is what the service says of itself (npm run openapi writes it)', async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../openapi/openapi.json')
  })

  test('is OpenAPI 3.1 and names path parameters as the contract does', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const wanted = [
      '/v1/notifications',
      '/v1/notifications/imports',
      '/v1/notifications/{id}',
      '/v1/notifications/{id}/timeline',
      '/v1/queues',
      '/v1/queues/{queueId}/dispatches',
      '/v1/queues/{queueId}/collect',
      '/v1/dispatches/{id}',
      '/v1/dispatches/{id}/acknowledgement',
      '/v1/dispatches/{id}/renewal',
      '/v1/directory/recipients/{id}',
      '/v1/directory/imports',
      '/v1/registers/open-cases/{authority}/{caseReference}',
      '/v1/audit/events',
      '/v1/audit/completeness',
      '/v1/policies/{area}/replays',
    ]
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(wanted))
  })

  test('says of each operation what it is for, where it belongs and how it refuses', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const name = `${method} ${path}`
        expect(operation.summary, name).toBeTruthy()
        expect(operation.tags, name).toHaveLength(1)
        if (path.startsWith('/v1/')) expect(Object.keys(operation.responses), name).toContain('4XX')
      }
    }
  })
})
