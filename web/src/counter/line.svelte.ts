// The way to the service: when to send, and what to say about it.
import { between } from '../shared/i18n/dates.ts'
import { core, problemOf, today, type Problem, type Waiting } from '../core/index.ts'
import { Turn } from '../shared/turn.ts'

/** Nothing leaves before somebody could take it back. */
export const UNDO_MS = 10_000
const EVERY_MS = 60_000

class Line {
  online = $state(navigator.onLine)
  waiting = $state.raw<Waiting>()
  /** When everything was sent last. */
  sent = $state.raw<Date>()
  /** Why the last try did not go through. */
  problem = $state.raw<Problem>()
  running = $state(false)
  /** Rises with each change that lists depend on. */
  round = $state(0)

  /** Everything that is not with the service yet. */
  count = $derived(
    this.waiting
      ? this.waiting.entries + this.waiting.refused + this.waiting.withdrawals + this.waiting.later.length
      : 0,
  )
  /** Days since the oldest of it. */
  days = $state(0)
  /** What a person has to look into. */
  needed = $derived(
    this.waiting ? this.waiting.refused + this.waiting.later.filter((it) => it.obstacle).length : 0,
  )

  #timer: ReturnType<typeof setInterval> | undefined
  #soon: ReturnType<typeof setTimeout> | undefined
  #current: Promise<boolean> | undefined
  #recorded = -UNDO_MS
  #after: () => unknown = () => undefined
  /** Over when everything is closed. */
  #turn = new Turn()

  constructor() {
    addEventListener('online', () => {
      this.online = true
      if (this.#timer) void this.#quietly()
    })
    addEventListener('offline', () => (this.online = false))
  }

  begin(after: () => unknown): void {
    this.#after = after
    clearInterval(this.#timer)
    this.#timer = setInterval(() => void this.#quietly(), EVERY_MS)
  }

  end(): void {
    this.#turn.next()
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#timer = undefined
    this.waiting = undefined
    this.problem = undefined
  }

  /** Something was recorded: it is sent when it can no longer be taken back. */
  recorded(): void {
    this.#recorded = performance.now()
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => void this.sync().then(this.#after), UNDO_MS)
    this.round += 1
    void this.recount()
  }

  /** Sends what waits and reads what is new; one at a time. */
  sync(): Promise<boolean> {
    this.#current ??= this.#run().finally(() => (this.#current = undefined))
    return this.#current
  }

  /** Once more from the beginning, whatever is under way. */
  async syncAgain(): Promise<boolean> {
    await this.#current
    return this.sync()
  }

  async #run(): Promise<boolean> {
    const same = this.#turn.mark()
    this.running = true
    try {
      const done = await core.sync()
      this.waiting = done.waiting
      this.problem = undefined
      if (this.count === 0) this.sent = new Date()
      await this.recount()
      return true
    } catch (thrown) {
      if (same()) this.problem = problemOf(thrown)
      await this.recount()
      return false
    } finally {
      this.running = false
      this.round += 1
    }
  }

  /** Counts anew what waits. */
  async recount(): Promise<void> {
    try {
      const [waiting, queue] = await Promise.all([core.waiting(), core.queue()])
      this.waiting = waiting
      const days = [...waiting.later.map((it) => it.day), ...queue.flatMap((it) => it.line?.day ?? [])].sort()
      this.days = days[0] ? Math.max(0, between(days[0], today())) : 0
    } catch {
      // Locked in the meantime: there is nothing to count.
    }
  }

  async #quietly(): Promise<void> {
    if (!navigator.onLine || performance.now() - this.#recorded < UNDO_MS) return
    if (await this.sync()) this.#after()
  }
}

export const line = new Line()
