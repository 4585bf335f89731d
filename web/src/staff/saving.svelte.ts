// A form that is being saved: one press at a time, and what went wrong.
import { problemOf, type Problem } from '../core/index.ts'

export class Saving {
  busy = $state(false)
  problem = $state.raw<Problem>()

  /** Answers whether it went well. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.problem = undefined
    try {
      await work()
      return true
    } catch (thrown) {
      this.problem = problemOf(thrown)
      return false
    } finally {
      this.busy = false
    }
  }
}
