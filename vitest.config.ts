import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** A test that waits longer than this for anything has found a fault: 20 s covers a cold Postgres on two busy cores. */
const TIMEOUT_MS = 20_000

/** Their tests need no server, and start none when they run alone. */
const PURE_ROOMS = '{words,policy,triage,routing}'

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
          include: [`src/${PURE_ROOMS}/**/*.test.ts`, 'test/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'real parts',
          // Everything else, so that the tests of a new room are never left out in silence.
          include: ['src/**/*.test.ts', 'test/*/**/*.test.ts'],
          exclude: [`src/${PURE_ROOMS}/**`],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
