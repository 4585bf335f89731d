// What an operator looks at, read anew with each look.
import { core, problemOf, type Allowance, type Closing, type Problem, type Provider, type Terminal, type Upkeep } from '../core/index.ts'
import { figures, type Figures } from './figures.ts'
import { health, type Health } from './health.ts'
import { Turn } from '../shared/turn.ts'

class Office {
  providers = $state.raw<Provider[]>()
  terminals = $state.raw<Terminal[]>()
  allowances = $state.raw<Allowance[]>()
  health = $state.raw<Health>()
  /** Of the service's computer; none where it does not tell. */
  upkeep = $state.raw<Upkeep>()
  /** Closings that wait; none where quarters close on another machine, or they cannot be read. */
  closings = $state.raw<Closing[]>()
  /** None before they were asked for; they may come later than the rest, or from another machine. */
  figures = $state.raw<Figures>()
  /** When it was looked at last; none before the first look. */
  at = $state.raw<Date>()
  problem = $state.raw<Problem>()
  looking = $state(false)
  #turn = new Turn()
  #asked = new Turn()

  async look(): Promise<void> {
    if (this.looking) return
    const same = this.#turn.mark()
    this.looking = true
    this.problem = undefined
    void this.lookAtFigures()
    void this.lookAtClosings()
    const [seen, upkeep, providers, terminals, allowances] = await Promise.allSettled([
      health(),
      core.upkeep(),
      core.providers(),
      core.terminals(),
      core.allowances(),
    ])
    // What was asked for before a lock is not shown after it.
    if (!same()) return
    if (seen.status === 'fulfilled') this.health = seen.value
    this.upkeep = upkeep.status === 'fulfilled' ? upkeep.value : undefined
    if (providers.status === 'fulfilled') this.providers = providers.value
    if (terminals.status === 'fulfilled') this.terminals = terminals.value
    if (allowances.status === 'fulfilled') this.allowances = allowances.value
    const failed = [providers, terminals, allowances].find((it) => it.status === 'rejected')
    if (failed?.status === 'rejected') this.problem = problemOf(failed.reason)
    this.at = new Date()
    this.looking = false
  }

  /** On their own: the rest does not wait for a machine that may be another one. */
  async lookAtFigures(): Promise<void> {
    this.#asked.next()
    const same = this.#asked.mark()
    const seen = await figures()
    if (same()) this.figures = seen
  }

  async lookAtClosings(): Promise<void> {
    const same = this.#turn.mark()
    const seen = await core.closings().catch(() => undefined)
    if (same()) this.closings = seen
  }

  name(provider: string | null): string | undefined {
    return this.providers?.find((it) => it.id === provider)?.name
  }

  clear(): void {
    this.#turn.next()
    this.#asked.next()
    this.looking = false
    this.providers = this.terminals = this.allowances = undefined
    this.health = this.upkeep = this.closings = this.figures = this.at = this.problem = undefined
  }
}

export const office = new Office()
