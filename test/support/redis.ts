import { afterAll } from 'vitest'
import { findRedis, type PrivateRedis, startRedis } from '../../src/underneath/private-redis.ts'

const started: PrivateRedis[] = []

// Here and not in `aRedis`: a hook registered from inside a hook never runs.
afterAll(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()))
})

/** A Redis server for one file alone, to be emptied, killed and restarted at will; null where none is to be had. */
export async function aRedis(options: { readonly appendOnly: boolean }): Promise<PrivateRedis | null> {
  const program = await findRedis({ mayDownload: true })
  if (program === null) return null
  const redis = await startRedis(program, options)
  started.push(redis)
  return redis
}
