import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll } from 'vitest'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** A browser on the PATH, as Debian installs it; null where there is none. */
export function findChromium(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return places.find(mayRun) ?? null
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not here: the next place is looked at.
    return false
  }
}

const path = findChromium()
// Set by .ci/run: there a submission may not pass without its pages having been seen.
if (path === null && process.env.DAYMARK_TEST_BROWSER === 'required')
  throw new Error('The browser suites must run, and there is no Chromium to be had.')
if (path === null) process.stdout.write('NOT RUN: the browser suites. Install chromium, and run again.\n')

/** For a suite's `skipIf`: it is named as not run then, above. */
export const noBrowser = path === null

let running: Browser | null = null
afterAll(async () => {
  await running?.close()
  running = null
})

/** Starts a browser, once a file. It goes away after it. */
export async function aChromium(): Promise<Browser> {
  if (path === null) throw new Error('There is no Chromium to be had')
  // As root, as in a container, its own sandbox cannot be; what it opens here is ours alone.
  running ??= await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
  return running
}
