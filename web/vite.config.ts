import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { early, groups } from './src/shared/build/early.ts'
import { offline } from './src/shared/build/offline.ts'

const path = (it: string) => fileURLToPath(new URL(it, import.meta.url))
const worker = path('src/shared/sw.ts')

/** What `payung demo` listens on, for `npm run dev`. */
const server = process.env.PAYUNG_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: path('.'),
  base: '/',
  appType: 'mpa',
  plugins: [svelte(), early(), offline()],
  resolve: { alias: { '@core': path('../target/web') } },
  worker: { format: 'es' },
  server: { proxy: { '/v1': server, '/readyz': server }, fs: { allow: [path('..')] } },
  build: {
    outDir: path('../target/pages'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the pages allows no script, style or worker that is written into an address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        counter: path('counter/index.html'),
        operator: path('operator/index.html'),
        card: path('card/index.html'),
        ...(existsSync(worker) ? { sw: worker } : {}),
      },
      output: {
        codeSplitting: { groups: groups(path('src/counter/main.ts')) },
        // A service worker rules the folder that it lies in.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
})
