/** A fault as a log may hold it. */
export interface LoggedFault {
  name: string
  code?: string
  frames?: string[]
}

const FRAMES_MAX = 12

/**
 * What failed and where, without what it says: a database or a library may quote the value it choked on, and that may be
 * somebody's name.
 */
export function loggedFault(fault: unknown): LoggedFault {
  if (!(fault instanceof Error)) return { name: 'not an Error' }
  const frames = (fault.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, FRAMES_MAX)
  return { name: fault.name, ...('code' in fault && typeof fault.code === 'string' ? { code: fault.code } : {}), frames }
}
