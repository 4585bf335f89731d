/** Tells whether something was closed meanwhile: what began before that shows nothing after it. */
export class Turn {
  #at = 0

  /** From here on, everything that is under way comes too late. */
  next(): void {
    this.#at += 1
  }

  /** Asked later: whether it is still the same turn as now. */
  mark(): () => boolean {
    const begun = this.#at
    return () => begun === this.#at
  }
}
