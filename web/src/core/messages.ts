// What page and worker say to each other.
import type { Core, Problem } from '@core/web_core.js'

/** Entrances that have a device of their own: each keeps its bytes apart from the other. */
export type Place = 'counter' | 'operator'

/** Calls of the core, as a page sees them: all of them take a while. */
export type Calls = {
  [K in Exclude<keyof Core, 'free' | 'lock' | 'unlock' | 'forgetLock' | typeof Symbol.dispose>]: (
    ...given: Parameters<Core[K]>
  ) => Promise<Awaited<ReturnType<Core[K]>>>
}

export type CallName = keyof Calls

/** From the page. */
export type Ask =
  | { kind: 'open'; place: Place }
  | { kind: 'call'; id: number; name: CallName; given: unknown[] }
  /** Keeps the sealed state of a device that this machine's host offers, where there is none. */
  | { kind: 'adopt'; id: number; state: Uint8Array }
  /** Drops the keys, then deletes what is kept here. */
  | { kind: 'wipe'; id: number }
  /** Opens what was locked. */
  | { kind: 'unlock'; id: number; pin: string }
  /** Only the password opens what was locked. */
  | { kind: 'forget'; id: number }
  /** Keys go at once, whatever is under way; a PIN may open them again. */
  | { kind: 'lock' }

/** From the worker. */
export type Tell =
  | { kind: 'ready' }
  /** The core could not be loaded, or it broke: only a fresh page helps. */
  | { kind: 'broken'; why: 'storage' | 'load' | 'fault' }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; problem: Problem }
  /** Hours that this device's clock is ahead of the service's; told when it is more than half a day. */
  | { kind: 'clock'; hours: number }
