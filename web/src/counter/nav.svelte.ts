// Where the person is. Addresses never change: what somebody did is not to be read from a browser's history.

export type Screen =
  | { name: 'scan' }
  | { name: 'today' }
  | { name: 'waiting' }
  | { name: 'more' }
  | { name: 'result' }
  | { name: 'visit'; replaces?: boolean }
  | { name: 'enrol'; replaces?: boolean }
  | { name: 'exit' }
  | { name: 'history' }
  | { name: 'void'; entry: string }
  | { name: 'client'; id: string }
  | { name: 'try'; id: string; alias: string }
  | { name: 'new-card' }
  | { name: 'replace'; old: string | null }
  | { name: 'team' }
  | { name: 'invite' }
  | { name: 'admit'; id: string; who: string }
  | { name: 'print' }
  | { name: 'summary' }
  | { name: 'meaning' }
  | { name: 'settings' }
  | { name: 'pin' }

export type Tab = 'scan' | 'today' | 'waiting' | 'more'

const TABS: Record<Screen['name'], Tab> = {
  scan: 'scan',
  result: 'scan',
  visit: 'scan',
  enrol: 'scan',
  exit: 'scan',
  history: 'scan',
  void: 'scan',
  today: 'today',
  client: 'today',
  try: 'today',
  waiting: 'waiting',
  more: 'more',
  'new-card': 'more',
  replace: 'more',
  team: 'more',
  invite: 'more',
  admit: 'more',
  print: 'more',
  summary: 'more',
  meaning: 'more',
  settings: 'more',
  pin: 'more',
}

class Nav {
  #stack = $state.raw<Screen[]>([{ name: 'scan' }])

  screen = $derived(this.#stack.at(-1) ?? { name: 'scan' as const })
  tab = $derived(TABS[this.screen.name])
  deep = $derived(this.#stack.length > 1)

  constructor() {
    history.replaceState({ depth: 1 }, '')
    addEventListener('popstate', (event) => {
      const state: unknown = event.state
      const depth =
        typeof state === 'object' && state !== null && 'depth' in state ? Number(state.depth) : 1
      this.#stack = this.#stack.slice(0, Math.max(1, depth))
    })
  }

  /** One step in; the phone's back button leads out again. */
  go(screen: Screen): void {
    this.#stack = [...this.#stack, screen]
    history.pushState({ depth: this.#stack.length }, '')
  }

  /** In place of the present screen: what is done is not gone back to. */
  swap(screen: Screen): void {
    this.#stack = [...this.#stack.slice(0, -1), screen]
  }

  back(): void {
    if (this.deep) history.back()
  }

  /** One of the four words: everything else is left. */
  top(tab: Tab): void {
    this.#stack = [{ name: tab }]
    history.replaceState({ depth: 1 }, '')
  }
}

export const nav = new Nav()
