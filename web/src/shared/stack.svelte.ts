// Where the person is, screen upon screen. Addresses never change: what somebody did is not to be read from a history.
export class Stack<S> {
  #screens: S[]

  constructor(first: S) {
    this.#screens = $state.raw([first])
    history.replaceState({ depth: 1 }, '', location.pathname)
    addEventListener('popstate', (event) => {
      const state: unknown = event.state
      const depth = typeof state === 'object' && state !== null && 'depth' in state ? Number(state.depth) : 1
      this.#screens = this.#screens.slice(0, Math.max(1, depth))
    })
  }

  get screen(): S {
    return this.#screens[this.#screens.length - 1] as S
  }

  /** One step in; the phone's back button leads out again. */
  go(screen: S): void {
    this.#screens = [...this.#screens, screen]
    history.pushState({ depth: this.#screens.length }, '')
  }

  /** In place of the present screen: what is done is not gone back to. */
  swap(screen: S): void {
    this.#screens = [...this.#screens.slice(0, -1), screen]
  }

  back(): void {
    if (this.#screens.length > 1) history.back()
  }

  /** One of the words of the bar: everything else is left. */
  top(screen: S): void {
    this.#screens = [screen]
    history.replaceState({ depth: 1 }, '')
  }
}
