import { defineConfig } from 'vitest/config'

/** A test that waits longer than this for anything has found a fault: 20 s covers a cold Postgres on two busy cores. */
const TIMEOUT_MS = 20_000

export default defineConfig({
  test: {
    // One file at a time a core: the servers the files talk to need their share of the machine too.
    maxWorkers: '100%',
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
