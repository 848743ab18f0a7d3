import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Logic only: what needs a browser is under `e2e/` and runs with `npm run e2e`. */
export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: { include: ['src/**/*.test.ts'], environment: 'node', pool: 'threads' },
})
