import { randomBytes } from 'node:crypto'

const SECRET_BYTES = 32

/** A signing secret in the form of Standard Webhooks: `whsec_` and 256 random bits. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}
