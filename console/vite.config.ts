import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { shop } from './dev/plugin'

/** In development the console talks to a server on this address when there is one, else to the shop in `dev/`. */
const server = process.env['OMOTENASHI_URL']

const DOORS = ['/api', '/v1', '/u', '/p', '/o', '/c']
const proxy = server === undefined ? {} : Object.fromEntries(DOORS.map((door) => [`${door}/`, server]))

export default defineConfig({
  plugins: [react(), ...(server === undefined ? [shop()] : [])],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    // The Content-Security-Policy of the server allows no `data:` scripts or fonts; small files stay files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    manifest: true,
  },
})
