// Screens without a service: the built pages (of the folder PAYUNG_PAGES, if given) from a server of a few lines, and a stand-in for the core.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { extname, normalize } from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'

import { launch } from './browser.mjs'
import { words } from './words.mjs'

const ROOT = process.env.PAYUNG_PAGES ?? fileURLToPath(new URL('../../../target/pages/', import.meta.url))
export const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self' 'sha256-97dXbLyExz8LvcO0vMJg7UjB4jfBcqgnIIiYGjPYzD0=' 'sha256-vQ/88PAimUmzOByZtCLdWeYirSu9d0ftvhk6CB8vesk='",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
const standIn = readFileSync(new URL('stand-in.js', import.meta.url), 'utf8')

/** Serves the built pages under their policy, and beside them what `beside` names: files by their paths. */
export async function serve(beside = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://here').pathname)
    response.setHeader('content-security-policy', POLICY)
    try {
      const file = await readFile(beside[path] ?? ROOT + (path.endsWith('/') ? `${path}index.html` : path))
      const type = TYPES[extname(path) || '.html'] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type }).end(file)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${server.address().port}`, end: () => server.close() }
}

/** The built pages and a browser for the tests of one file; both end with them. */
export function stand(beside) {
  const it = {}
  let pages
  before(async () => {
    it.browser = await launch()
    pages = await serve(beside)
    it.url = pages.url
  })
  after(async () => {
    await it.browser?.close()
    pages?.end()
  })
  return it
}

/** Runs before the page's own scripts: what this browser cannot do, whether somebody was enrolled here, and what lies beside. */
export function spoil({ noWasm, camera, enrolled = true, kept = false, outside = false }) {
  if (enrolled) {
    for (const place of ['counter', 'operator']) {
      const opens = indexedDB.open(`umbrella-${place}`, 1)
      opens.onupgradeneeded = () => {
        const sealed = opens.result.createObjectStore('sealed')
        sealed.put(new Uint8Array(1), 'state')
        if (kept) sealed.put(new Uint8Array(1), 'pin')
        if (outside) sealed.put(new Uint8Array(1), 'outside')
      }
      opens.onsuccess = () => opens.result.close()
    }
  }
  // Without a network from the start.
  if (outside) Object.defineProperty(navigator, 'onLine', { get: () => false })
  if (noWasm) delete globalThis.WebAssembly
  if (camera) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', camera))
}

/** Put before a stand-in: what it says comes this many milliseconds late. */
export const late = ({ late = 0 }) =>
  late ? `{ const say = postMessage.bind(globalThis); globalThis.postMessage = (it) => void setTimeout(say, ${late}, it) }\n` : ''

/** Opens one screen of `screens`; the context is the caller's to close. */
export async function show(browser, url, screen, { language = 'en', ...options } = {}) {
  const context = await browser.newContext({ locale: language, serviceWorkers: 'block', ...options })
  const stage = `const STAGE = ${JSON.stringify(screen.stage ?? {})};\n`
  await context.route(/\/assets\/worker-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: late(screen.stage ?? {}) + stage + standIn }),
  )
  await context.addInitScript(spoil, screen.stage ?? {})
  const address = `${url}/counter/${screen.hash ?? ''}`
  if (screen.first) await (await context.newPage()).goto(address)
  const page = await context.newPage()
  await page.goto(address)
  await page.locator('h1').waitFor()
  const t = words(language)
  if (!screen.closed) {
    await page.getByLabel(t['sign-in.name'], { exact: true }).fill('sari')
    await page.getByLabel(t['sign-in.password'], { exact: true }).fill('anything goes here')
    await page.locator('form button[type=submit]').click()
    await (screen.stage?.waits ? page.getByLabel(t['sign-in.password'], { exact: true }).waitFor({ state: 'detached' }) : page.locator('nav').waitFor())
  }
  await screen.go?.(page, t)
  return { context, page }
}
