import { isPassing, rowFault } from './row-fault.ts'

/** A page of due rows, and how each of them is done alone. */
export interface Page<Id extends string, R> {
  /** The whole page in one transaction. */
  whole: () => Promise<R>
  /** Which rows would be on it, without a lock. */
  ids: () => Promise<Id[]>
  alone: (id: Id) => Promise<R>
  /** Has one that cannot be done looked at again later, so that it does not lead every page until then. */
  putOff: (id: Id) => Promise<void>
  /** Hears of every fault; everything else goes on. */
  faulted: (fault: unknown) => void
}

/** When a row that cannot be settled is looked at again. */
export const FAULTY_AGAIN_MINUTES = 15

/**
 * Does a page, and row by row what cannot be done together: one bad row would lead every later page, and nobody behind it
 * would be told. @throws what is no row's fault: each is then as due as before
 */
export async function pageOrRowByRow<Id extends string, R>(page: Page<Id, R>): Promise<R[]> {
  try {
    return [await page.whole()]
  } catch (fault) {
    if (isPassing(fault)) throw fault
    page.faulted(fault)
  }
  const done: R[] = []
  for (const id of await page.ids()) {
    try {
      done.push(await page.alone(id))
    } catch (fault) {
      if (isPassing(fault)) throw fault
      page.faulted(rowFault(id, fault))
      // One that cannot even be put off leads the next page again; those behind it are settled all the same.
      await page.putOff(id).catch(page.faulted)
    }
  }
  return done
}
