// The one place where the core runs. It does one thing at a time: calls wait in a row.
import init, { Core, type Problem } from '@core/web_core.js'
import wasm from '@core/web_core_bg.wasm?url'
import { makeHost, type StoppableHost } from './host.ts'
import type { Ask, CallName, Place, Tell } from './messages.ts'
import { shield, type Shield } from './shield.ts'
import { openStore, type Store } from './store.ts'

type Task = Extract<Ask, { id: number }>

/** How long somebody waits for a synchronisation that is under way, before it gives way. */
const GIVES_WAY_MS = 400

const tell = (it: Tell): void => postMessage(it)

let host: StoppableHost | undefined
let store: Store | undefined
let core: Core | undefined
let running: CallName | Exclude<Ask['kind'], 'call' | 'open'> | undefined
let row: Task[] = []
let lockNext = false
/** What a PIN opens. */
let locked: Shield | undefined

onmessage = (event: MessageEvent<Ask>): void => {
  const ask = event.data
  if (ask.kind === 'open') {
    void open(ask.place)
  } else if (ask.kind === 'lock') {
    lock()
  } else {
    row.push(ask)
    if (running === 'sync') setTimeout(giveWay, GIVES_WAY_MS, ask.id)
    void work()
  }
}

async function open(place: Place): Promise<void> {
  const opened = openStore(place).catch(() => undefined)
  try {
    await init({ module_or_path: wasm })
    const kept = await opened
    if (!kept) return tell({ kind: 'broken', why: 'storage' })
    store = kept
    let told = 0
    host = makeHost(kept, (hours) => {
      if (hours !== told) tell({ kind: 'clock', hours })
      told = hours
    })
    core = new Core(host)
    tell({ kind: 'ready' })
    void work()
  } catch {
    tell({ kind: 'broken', why: 'load' })
  }
}

/** What waits behind a synchronisation comes first; it ends like one that lost the network, and is started again later. */
function giveWay(id: number): void {
  if (running === 'sync' && row.some((it) => it.id === id)) host?.stop()
}

function lock(): void {
  for (const task of row) tell({ kind: 'failed', id: task.id, problem: { code: 'closed', wait: null } })
  row = []
  host?.stop()
  lockNext = true
  void work()
}

async function work(): Promise<void> {
  if (running || !core) return
  if (lockNext) {
    lockNext = false
    running = 'lock'
    await lockUp(core)
    running = undefined
    return work()
  }
  const task = row.shift()
  if (!task) return
  running = task.kind === 'call' ? task.name : task.kind
  host?.resume()
  try {
    tell({ kind: 'done', id: task.id, value: await run(core, task) })
  } catch (thrown) {
    if (isProblem(thrown)) tell({ kind: 'failed', id: task.id, problem: thrown })
    else {
      // A core that stopped in the middle of a step is not to be asked again.
      core = undefined
      tell({ kind: 'failed', id: task.id, problem: { code: 'broken', wait: null } })
      tell({ kind: 'broken', why: 'fault' })
    }
  } finally {
    running = undefined
    void work()
  }
}

/** Locked already, it stays as it is. */
async function lockUp(it: Core): Promise<void> {
  const sealed = it.lock() as Uint8Array<ArrayBuffer> | undefined
  if (!sealed) return
  locked = await shield(sealed).catch(() => undefined)
  if (!locked) it.forgetLock()
}

async function unlock(it: Core, pin: string): Promise<unknown> {
  const sealed = await locked?.open()
  if (!sealed) throw { code: 'pin-over', wait: null } satisfies Problem
  try {
    const me = await it.unlock(pin, sealed)
    locked = undefined
    return me
  } catch (thrown) {
    if (isProblem(thrown) && thrown.code === 'pin-over') forget(it)
    throw thrown
  } finally {
    sealed.fill(0)
  }
}

function forget(it: Core): void {
  locked = undefined
  it.forgetLock()
}

async function adopt(state: Uint8Array): Promise<void> {
  if (await store?.load('state')) throw { code: 'enrolled-already', wait: null } satisfies Problem
  await store?.replace('state', state)
}

async function run(it: Core, task: Task): Promise<unknown> {
  if (task.kind === 'adopt') return adopt(task.state)
  if (task.kind === 'unlock') return unlock(it, task.pin)
  if (task.kind === 'forget') return forget(it)
  if (task.kind === 'wipe') {
    it.lock()?.fill(0)
    forget(it)
    return store?.wipe()
  }
  const methods = it as unknown as { [K in CallName]-?: (...given: unknown[]) => unknown }
  const value = await methods[task.name](...task.given)
  // Whoever signs in leaves no older lock behind.
  if (task.name === 'signIn' || task.name === 'openByPin') locked = undefined
  return value
}

function isProblem(it: unknown): it is Problem {
  return typeof it === 'object' && it !== null && 'code' in it && typeof it.code === 'string'
}
