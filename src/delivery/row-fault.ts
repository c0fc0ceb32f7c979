/** A fault that names the row and nothing it says: a log keeps a fault's code, and never its message. */
export function rowFault(id: string, cause: unknown): Error {
  return Object.assign(new Error('A row cannot be worked on', { cause }), { name: 'RowFault', code: id })
}

/**
 * Postgres is away, restarting or out of room (classes 08, 53, 57), or another transaction stood in the way (40, 55P03):
 * no row is to blame, and each is as due as before.
 */
export function isPassing(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  if (/^(08|40|53|57)...$|^(25006|25P03|55P03)$|^E[A-Z]+$/.test(code)) return true
  return code === '' && /timeout exceeded|connection (terminated|error)/i.test(fault.message)
}
