import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Flows in a real browser against the built console: two files at a time, all in one browser. */
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: [process.env['E2E_FILES'] ?? 'e2e/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'e2e/house.ts',
    pool: 'threads',
    maxWorkers: 2,
    // A busy machine may make somebody wait too long; what is wrong is wrong every time. What passes late is said.
    retry: process.env['E2E_RETRY'] === '0' ? 0 : 2,
    reporters: ['default', './e2e/flaky.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
})
