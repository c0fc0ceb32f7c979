import { z } from 'zod'
import { badRequest } from './problems.ts'
import type { Client } from './scopes.ts'

const PURPOSE = 'daymark-purpose'

/** The header of every route that shows again what was told or asked: each reading is a disclosure (contract §4). */
export const purposeHeaders = z.looseObject({
  [PURPOSE]: z.string().optional().describe('Required: why you read it, up to 100 characters. Name nobody.'),
})

/** Why somebody reads it, in their words. @throws the problem where they did not say */
export function readPurpose(headers: Readonly<Record<string, unknown>>): string {
  const header = headers[PURPOSE]
  if (typeof header === 'string' && /^[\x20-\x7e]{1,100}$/.test(header.trim())) return header.trim()
  throw badRequest([
    {
      pointer: '',
      code: 'purpose-required',
      detail: 'Say in the header Daymark-Purpose why you read it, in 1 to 100 characters',
    },
  ])
}

/**
 * Why a person reads what a force's own system may read as its daily work: each view of content by a person is a disclosure with its
 * purpose. Null for a key or a token. @throws the problem where a person did not say
 */
export function purposeOfPerson({ id }: Client, headers: Readonly<Record<string, unknown>>): string | null {
  return id.startsWith('person:') ? readPurpose(headers) : null
}
