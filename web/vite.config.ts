import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { serviceWorker } from './vite/service-worker.ts'

const node = 'http://127.0.0.1:8080'
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export default defineConfig({
  plugins: [svelte(), serviceWorker(file('public'))],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy allows no data: URLs but images
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: file('index.html'), sw: file('src/sw.ts') },
      // The service worker keeps its name and place: its scope is the whole page.
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    proxy: { '/ui': node, '/api': node, '/chain': node, '/virusmap': node, '/docs': node, '/ipfs': node },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
