import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The key-encryption keys of DAYMARK_KEYS: the first seals, every one opens. */
export interface KeyRing {
  first: { id: string; key: Buffer }
  byId: ReadonlyMap<string, Buffer>
}

/** A data key as it is stored: wrapped, with the id of the key that wrapped it. */
export interface WrappedKey {
  wrapped: Buffer
  wrappedBy: string
}

/**
 * Reads DAYMARK_KEYS, `id:base64` of 32 bytes, comma-separated.
 * @throws an error that names each malformed entry by its position and never shows a key
 */
export function readKeyRing(text: string): KeyRing {
  const faults: string[] = []
  const byId = new Map<string, Buffer>()
  for (const [position, entry] of text.split(',').entries()) {
    const colon = entry.indexOf(':')
    const id = entry.slice(0, colon).trim()
    const key = Buffer.from(entry.slice(colon + 1).trim(), 'base64')
    if (colon < 1 || id === '') faults.push(`entry ${position + 1} is not id:base64`)
    else if (key.length !== KEY_BYTES) faults.push(`key "${id}" holds ${key.length} bytes, not ${KEY_BYTES}`)
    else if (byId.has(id)) faults.push(`key id "${id}" stands twice`)
    else byId.set(id, key)
  }
  const [first] = byId
  if (faults.length > 0 || !first) throw new Error(`DAYMARK_KEYS cannot be used: ${faults.join('; ') || 'it is empty'}`)
  return { first: { id: first[0], key: first[1] }, byId }
}

/** A new random data key for `owner` (an id, bound in so that a wrapped key cannot be moved to another row). */
export function newDataKey(ring: KeyRing, owner: string): WrappedKey & { key: Buffer } {
  const key = randomBytes(KEY_BYTES)
  return { key, wrapped: seal(ring.first.key, `key|${owner}`, key), wrappedBy: ring.first.id }
}

/** Opens a wrapped data key. @throws when its key-encryption key is not in the ring, or it was tampered with or moved */
export function openDataKey(ring: KeyRing, owner: string, stored: WrappedKey): Buffer {
  const key = ring.byId.get(stored.wrappedBy)
  if (!key) throw new Error(`DAYMARK_KEYS lacks the key "${stored.wrappedBy}", which still seals data`)
  return open(key, `key|${owner}`, stored.wrapped)
}

/** AES-256-GCM: nonce, tag, then ciphertext. `place` says where it stands (`column|row id`) and is authenticated, not stored. */
export function seal(key: Buffer, place: string, plain: string | Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  const last = cipher.final()
  return Buffer.concat([nonce, cipher.getAuthTag(), body, last])
}

/** Opens what `seal` closed at the same place. @throws when key, place or bytes differ */
export function open(key: Buffer, place: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const plain = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES))
  // GCM keeps nothing back; the last step is what finds a byte that was changed.
  decipher.final()
  return plain
}

/** Seals a value as JSON. */
export function sealJson(key: Buffer, place: string, value: unknown): Buffer {
  return seal(key, place, JSON.stringify(value))
}

/** Opens what `sealJson` closed. The caller names what it put there: only our own writes can be opened at all. */
export function openJson<T>(key: Buffer, place: string, sealed: Buffer): T {
  return JSON.parse(open(key, place, sealed).toString('utf8'))
}

/** HMAC-SHA-256: 32 bytes. */
export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
