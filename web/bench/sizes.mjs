// node bench/sizes.mjs: what a phone has to load, of the pages in target/pages (or PAYUNG_PAGES).
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { launch } from '../tests/lib/browser.mjs'
import { serve } from '../tests/lib/stage.mjs'
import { brotli, gzipped, tell } from './lib.mjs'

const ROOT = process.env.PAYUNG_PAGES ?? fileURLToPath(new URL('../../target/pages/', import.meta.url))
const read = (path) => readFileSync(`${ROOT}/${path.endsWith('/') ? `${path}index.html` : path}`)
const kilo = (bytes) => Math.round(bytes / 100) / 10

/** Everything but workers and what they load, until the first screen is there. */
async function critical(place) {
  const browser = await launch()
  const pages = await serve()
  const page = await browser.newPage({ locale: 'en-GB', serviceWorkers: 'block' })
  const files = new Set()
  page.on('request', (it) => files.add(new URL(it.url()).pathname))
  await page.goto(`${pages.url}/${place}/`)
  await page.locator('h1').waitFor()
  await browser.close()
  pages.end()
  const needed = [...files].filter((it) => !/worker|\.wasm$|\/v1\/|\/local\/|icon|webmanifest|favicon/.test(it))
  return needed.reduce((sum, it) => sum + gzipped(read(it)), 0)
}

function whole(place) {
  const script = read('sw.js').toString()
  const files = new RegExp(`["\`]?${place}["\`]?:\\{version:.*?files:\\[(.*?)\\]`).exec(script.replaceAll('"version"', 'version').replaceAll('"files"', 'files'))
  const names = files[1].match(/\/[^"`,]*/g)
  // One language of four is used, but all are kept.
  return names.map((name) => [name, existsSync(`${ROOT}/${name}.br`) ? read(`${name}.br`).length : brotli(read(name))])
}

for (const place of ['counter', 'operator', 'card']) tell(`${place}: critical path before the core, gzip`, 60, kilo(await critical(place)), 'kB')
for (const place of ['counter', 'operator', 'card']) {
  const files = whole(place)
  const sum = files.reduce((all, [, bytes]) => all + bytes, 0)
  tell(`${place}: whole offline app, brotli`, 700, kilo(sum), 'kB')
  for (const [name, bytes] of files.filter(([, bytes]) => bytes > 20_000)) console.log(`          ${name} ${kilo(bytes)} kB`)
}
const core = whole('counter').find(([name]) => /web_core/.test(name))
if (core) tell('the core, brotli', 250, kilo(core[1]), 'kB')
