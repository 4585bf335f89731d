// Keeps the files of an entrance for times without a network, all or none. It guards against half-written caches; against a
// service that sends other files it cannot guard.
declare const __FILES__: Record<string, { version: string; files: string[] }>

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Lasting {
  request: Request
  respondWith(answer: Promise<Response>): void
}
interface Scope {
  registration: { scope: string }
  skipWaiting(): Promise<void>
  addEventListener(name: 'install' | 'activate', hear: (event: Lasting) => void): void
  addEventListener(name: 'fetch', hear: (event: Fetching) => void): void
}

const sw = self as unknown as Scope
const place = new URL(sw.registration.scope).pathname.split('/')[1] ?? ''
const own = __FILES__[place]
const prefix = `${place}-`
const current = `${prefix}${own?.version ?? ''}`
const page = `/${place}/`

sw.addEventListener('install', (event) => event.waitUntil(install()))
sw.addEventListener('activate', (event) => event.waitUntil(tidy()))
sw.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url)
  if (event.request.method !== 'GET' || address.origin !== location.origin) return
  const opens = event.request.mode === 'navigate' && address.pathname.startsWith(page)
  const path = opens ? page : address.pathname
  if (own?.files.includes(path) || path.startsWith('/assets/')) event.respondWith(answer(path, event.request))
})

async function install(): Promise<void> {
  const cache = await caches.open(current)
  await Promise.all((own?.files ?? []).map((file) => keep(cache, file)))
  await sw.skipWaiting()
}

async function keep(cache: Cache, file: string): Promise<void> {
  // A name with a hash never means two contents: what an older version kept is taken over.
  const hashed = file.startsWith('/assets/')
  const kept = hashed ? await caches.match(file) : undefined
  const fresh = kept ?? (await fetch(file, { cache: hashed ? 'default' : 'no-cache', credentials: 'omit' }))
  if (!fresh.ok) throw new Error('incomplete')
  await cache.put(file, fresh)
}

/** The version before stays: a page that is open may still need its files. */
async function tidy(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== current)
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)))
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(current)
  const kept = (await cache.match(path)) ?? (path === page ? undefined : await caches.match(path))
  return kept ?? fetch(request)
}
