// What the core may use of the browser: one way to the service, a place for bytes, and the clock.
import type { Host } from '@core/web_core.js'
import type { Store } from './store.ts'

const PATIENCE_MS = 15_000
const HOUR_MS = 3_600_000
const REQUEST = 'payung-request'
const ANSWER = 'payung-answer'

export interface StoppableHost extends Host {
  /** Breaks off what is under way and refuses what comes, until `resume`. */
  stop(): void
  resume(): void
}

export function makeHost(store: Store, clock: (hours: number) => void): StoppableHost {
  let stopped = new AbortController()

  async function exchange(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    proof: string | undefined,
  ): ReturnType<Host['exchange']> {
    stopped.signal.throwIfAborted()
    // Nobody waits for a network that the device knows it has not.
    if (!navigator.onLine) throw new Error('offline')
    const address = new URL(path, self.location.origin)
    if (address.origin !== self.location.origin) throw new Error('elsewhere')
    const headers = new Headers()
    if (body) headers.set('content-type', 'application/json')
    if (proof) headers.set(REQUEST, proof)
    const answer = await fetch(address, {
      method,
      headers,
      // The core's own memory may move while this waits: the bytes are copied first.
      body: body ? body.slice() : null,
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(PATIENCE_MS)]),
    })
    compareClocks(answer.headers.get('date'))
    const wait = Number(answer.headers.get('retry-after') ?? Number.NaN)
    return {
      status: answer.status,
      retryAfter: Number.isFinite(wait) ? wait : undefined,
      proof: answer.headers.get(ANSWER) ?? undefined,
      body: new Uint8Array(await answer.arrayBuffer()),
    }
  }

  function compareClocks(date: string | null): void {
    const there = date === null ? Number.NaN : Date.parse(date)
    if (Number.isNaN(there)) return
    const hours = Math.round((Date.now() - there) / HOUR_MS)
    clock(Math.abs(hours) > 12 ? hours : 0)
  }

  return {
    exchange,
    load: (name) => store.load(name),
    replace: (name, bytes) => store.replace(name, bytes.slice()),
    today,
    now: () => Date.now() / 1000,
    seconds: () => performance.now() / 1000,
    stop: () => stopped.abort(),
    resume: () => {
      if (stopped.signal.aborted) stopped = new AbortController()
    },
  }
}

/** The day on this device's calendar, as 2026-11-30. */
export function today(): string {
  const now = new Date()
  const two = (it: number) => String(it).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
