import { defineConfig } from 'vitest/config'

/**
 * The tests that mutants of `src/triage/` and `src/routing/` have to get past: the two rooms' own. They touch nothing but memory,
 * so they share one worker (`isolate`): 3 s a run where it was 26, and a mutant may need a run of its own.
 */
export default defineConfig({
  test: { include: ['src/{triage,routing}/**/*.test.ts'], isolate: false },
})
