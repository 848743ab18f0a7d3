import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Flows in a real browser against the built console; one browser, one file after the other. */
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: [process.env['E2E_FILES'] ?? 'e2e/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    fileParallelism: false,
    // A browser on a busy machine may miss a moment; what is wrong is wrong twice.
    retry: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
