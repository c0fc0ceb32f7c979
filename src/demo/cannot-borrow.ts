/** A server that was named cannot be used. Told in one sentence, and not with a stack. */
export class CannotBorrow extends Error {
  readonly remedy: string
  constructor(setting: 'DATABASE_URL' | 'REDIS_URL', cause: unknown) {
    const remedy = `Mend it, or leave it out: then the demo brings its own.`
    const why = cause instanceof Error ? cause.message || cause.name : String(cause)
    super(`${setting} cannot be used for the demo: ${why}. ${remedy}`, { cause })
    this.remedy = remedy
  }
}
