import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** A test that waits longer than this for anything has found a fault: 20 s covers a cold Postgres on two busy cores. */
const TIMEOUT_MS = 20_000

export default defineConfig({
  test: {
    // One file a core, and no more than a shared Redis has numbered databases (16, the first left alone) or Postgres
    // connections (300): each file has its own.
    maxWorkers: Math.min(availableParallelism(), 12),
    testTimeout: TIMEOUT_MS,
    hookTimeout: 3 * TIMEOUT_MS,
    teardownTimeout: TIMEOUT_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['src/{words,policy,triage,routing}/**/*.test.ts', 'test/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'real parts',
          include: [
            'src/*.test.ts',
            'src/{underneath,database,history,audit,access,directory,delivery,intake,desk,console,demo}/**/*.test.ts',
            'test/{support,stories,crash}/**/*.test.ts',
          ],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
