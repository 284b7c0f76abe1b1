import { defineConfig } from 'vitest/config'

/** Continuous integration counts from a file; people read the terminal. */
const report = process.env.AIV_TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-once.ts'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    pool: 'forks',
    // Most tests wait for processes that they started, so no core is kept free for the runner.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
