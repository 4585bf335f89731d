// The core as pages use it: `await start('counter')`, then `await core.scan(text)`.
import type { Me, Problem } from '@core/web_core.js'
import type { Ask, CallName, Calls, Place, Tell } from './messages.ts'
import { openStore } from './store.ts'

export type * from '@core/web_core.js'
export type { Calls, Place } from './messages.ts'
export { today } from './host.ts'
export { offered, type Offered } from './offered.ts'

/** Why there is no core, or `ready`: calls may be made after `start`, and wait for it while it is on its way. */
export type Started = 'ready' | 'other-tab' | 'no-wasm' | Broken
export type Broken = 'no-storage' | 'broken'

interface Waits {
  /** It needs keys, or brings them. */
  keys: boolean
  resolve(value: unknown): void
  reject(problem: Problem): void
}

let worker: Worker | undefined
let last = 0
const waits = new Map<number, Waits>()
const listeners = { broken: new Set<(why: Broken) => void>(), clock: new Set<(hours: number) => void>() }

/** Every call of the core. One that fails throws a `Problem`. */
export const core = new Proxy({} as Calls, {
  get: (_, name) => {
    // Promises ask whether they hold another promise.
    if (typeof name !== 'string' || name === 'then') return undefined
    return (...given: unknown[]) => call(name as CallName, given)
  },
})

/** Whether this page may have a core. */
export async function ready(place: Place): Promise<Started> {
  if (typeof WebAssembly === 'undefined') return 'no-wasm'
  if (typeof indexedDB === 'undefined') return 'no-storage'
  return (await alone(place)) ? 'ready' : 'other-tab'
}

/** Fetches and starts the core: once a page, after its first screen, which must not share a slow line with so much code. */
export function start(place: Place): void {
  void navigator.storage?.persist?.().catch(() => undefined)
  const it = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: place })
  worker = it
  it.onerror = () => fail('broken')
  it.onmessage = (event: MessageEvent<Tell>) => {
    const said = event.data
    if (said.kind === 'broken') fail(said.why === 'storage' ? 'no-storage' : 'broken')
    else hear(said)
  }
  ask({ kind: 'open', place })
}

/** Whether somebody was enrolled on this device; fails where the browser keeps nothing. */
export async function enrolledHere(place: Place): Promise<boolean> {
  return (await openStore(place)).has('state')
}

/** Keeps the sealed state of a device that this machine's host offers. Fails with `enrolled-already` where there is one. */
export function adopt(state: Uint8Array): Promise<unknown> {
  return request((id) => ({ kind: 'adopt', id, state }))
}

/** Deletes everything that is kept here, sealed or not sent, for good. */
export function wipe(): Promise<unknown> {
  return request((id) => ({ kind: 'wipe', id }))
}

/** Opens what was locked. Fails with `pin-wrong`, `pin-over` and as calls do. */
export function unlock(pin: string): Promise<Me> {
  return request((id) => ({ kind: 'unlock', id, pin })) as Promise<Me>
}

/** Only the password opens what was locked. */
export function forgetLock(): Promise<unknown> {
  return request((id) => ({ kind: 'forget', id }))
}

/**
 * Drops every key at once, whatever is under way; a PIN may open them again. Calls that wait fail with `closed`, those too whose answer
 * is on its way already: nobody hears it any more.
 */
export function lockNow(): void {
  ask({ kind: 'lock' })
  for (const [id, { keys, reject }] of waits) {
    if (!keys) continue
    waits.delete(id)
    reject({ code: 'closed', wait: null })
  }
}

/** Told when there is no core, or it stopped for good: only a fresh page helps. */
export function onBroken(hear: (why: Broken) => void): () => void {
  listeners.broken.add(hear)
  return () => listeners.broken.delete(hear)
}

/** Told by how many hours this device's clock is ahead of the service's, when that is more than half a day; 0 when it is mended. */
export function onClock(hear: (hours: number) => void): () => void {
  listeners.clock.add(hear)
  return () => listeners.clock.delete(hear)
}

/** What a call threw, whatever it is. */
export function problemOf(thrown: unknown): Problem {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    const wait = 'wait' in thrown && typeof thrown.wait === 'number' ? thrown.wait : null
    return { code: thrown.code, wait }
  }
  return { code: 'broken', wait: null }
}

const call = (name: CallName, given: unknown[]): Promise<unknown> =>
  request((id) => ({ kind: 'call', id, name, given }))

function request(make: (id: number) => Ask): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (!worker) return reject({ code: 'broken', wait: null } satisfies Problem)
    const id = ++last
    const made = make(id)
    waits.set(id, { keys: made.kind === 'call' || made.kind === 'unlock', resolve, reject })
    ask(made)
  })
}

function ask(it: Ask): void {
  worker?.postMessage(it)
}

function hear(said: Tell): void {
  if (said.kind === 'clock') for (const tell of listeners.clock) tell(said.hours)
  if (said.kind !== 'done' && said.kind !== 'failed') return
  const waiting = waits.get(said.id)
  waits.delete(said.id)
  if (said.kind === 'done') waiting?.resolve(said.value)
  else waiting?.reject(said.problem)
}

function fail(why: Broken): void {
  worker?.terminate()
  worker = undefined
  for (const { reject } of waits.values()) reject({ code: 'broken', wait: null })
  waits.clear()
  for (const tell of listeners.broken) tell(why)
}

/** Two tabs would overwrite each other's bytes: the first works, the second is told so. */
function alone(place: Place): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true)
  return new Promise((resolve) => {
    void navigator.locks.request(`umbrella-${place}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      // Held as long as this page lives.
      return lock ? new Promise<void>(() => undefined) : undefined
    })
  })
}
