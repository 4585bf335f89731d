// The one place where the core runs. It does one thing at a time: calls wait in a row.
import init, { Core, type Problem } from '@core/web_core.js'
import wasm from '@core/web_core_bg.wasm?url'
import { makeHost, type StoppableHost } from './host.ts'
import type { Ask, CallName, Place, Tell } from './messages.ts'
import { openStore } from './store.ts'

type Call = Extract<Ask, { kind: 'call' }>

/** How long somebody waits for a synchronisation that is under way, before it gives way. */
const GIVES_WAY_MS = 400

const tell = (it: Tell): void => postMessage(it)

let host: StoppableHost | undefined
let core: Core | undefined
let running: CallName | undefined
let row: Call[] = []
let lockNext = false

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
  try {
    const [store] = await Promise.all([openStore(place), init({ module_or_path: wasm })])
    let told = 0
    host = makeHost(store, (hours) => {
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
  for (const call of row) tell({ kind: 'failed', id: call.id, problem: { code: 'closed', wait: null } })
  row = []
  host?.stop()
  lockNext = true
  void work()
}

async function work(): Promise<void> {
  if (running || !core) return
  if (lockNext) {
    lockNext = false
    core.lock()
  }
  const call = row.shift()
  if (!call) return
  running = call.name
  host?.resume()
  try {
    tell({ kind: 'done', id: call.id, value: await run(core, call) })
  } catch (thrown) {
    if (isProblem(thrown)) tell({ kind: 'failed', id: call.id, problem: thrown })
    else {
      // A core that stopped in the middle of a step is not to be asked again.
      core = undefined
      tell({ kind: 'failed', id: call.id, problem: { code: 'broken', wait: null } })
      tell({ kind: 'broken', why: 'fault' })
    }
  } finally {
    running = undefined
    void work()
  }
}

function run(it: Core, call: Call): unknown {
  const methods = it as unknown as { [K in CallName]-?: (...given: unknown[]) => unknown }
  return methods[call.name](...call.given)
}

function isProblem(it: unknown): it is Problem {
  return typeof it === 'object' && it !== null && 'code' in it && typeof it.code === 'string'
}
