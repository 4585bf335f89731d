// The card in front of the device: what it came to, and what was recorded for it.
import { core, type Client, type Enrolment, type Leaving, type Recorded, type Scan, type Visit } from '../core/index.ts'
import { line, UNDO_MS } from './line.svelte.ts'

/** What the bar at the foot offers to take back. */
export interface Undoable {
  recorded: Recorded
  /** A key that is new each time: the bar starts anew. */
  number: number
}

class Front {
  scan = $state.raw<Scan>()
  /** The text of the card, for what is done with it next; gone with the card. */
  card = ''
  undoable = $state.raw<Undoable>()
  /** Something was recorded for this card. */
  saved = $state(false)
  /** What came of taking something back: nothing was sent, or it was too late. */
  undone = $state<'undone' | 'late'>()
  #number = 0

  client = $derived(this.scan?.client ?? undefined)

  async read(text: string): Promise<Scan> {
    this.clearCard()
    const scan = await core.scan(text)
    return this.#show(scan, text)
  }

  async newCard(text: string): Promise<Scan> {
    this.clearCard()
    return this.#show(await core.newCard(text), text)
  }

  async replace(old: string, fresh: string, taken: boolean): Promise<Scan> {
    this.clearCard()
    return this.#show(await core.replace(old, fresh, taken), fresh)
  }

  record = (visit: Visit): Promise<void> => this.#keep(() => core.record(visit), true)
  enrol = (enrolment: Enrolment): Promise<void> => this.#keep(() => core.enrolClient(enrolment), true)
  exit = (leaving: Leaving): Promise<void> => this.#keep(() => core.exit(leaving), true)
  attempt = (id: string, outcome: string): Promise<void> => this.#keep(() => core.attempt(id, outcome), false)

  async confirm(): Promise<void> {
    await core.confirm()
    line.recorded()
    await this.reread()
  }

  /** Takes the last entry back, if it has not been sent. */
  async undo(): Promise<void> {
    const taken = this.undoable
    if (!taken) return
    this.undoable = undefined
    this.saved = false
    this.undone = (await core.takeBack(taken.recorded)) ? 'undone' : 'late'
    line.recorded()
    await this.reread()
  }

  /** Shows what was entered since the scan. */
  async reread(): Promise<void> {
    const id = this.scan?.client?.id
    if (!this.scan || !id) return
    try {
      const client: Client = await core.client(id)
      this.scan = { ...this.scan, client: { ...client, claims: client.known ? null : (this.scan.client?.claims ?? null) } }
    } catch {
      // Not known here yet: what the scan said stays.
      if (this.scan.client) this.scan = { ...this.scan, client: { ...this.scan.client, known: false, history: [], standings: [] } }
    }
  }

  clearCard(): void {
    this.undone = undefined
    this.scan = undefined
    this.card = ''
    this.saved = false
  }

  clear(): void {
    this.clearCard()
    this.undoable = undefined
    this.undone = undefined
  }

  #show(scan: Scan, text: string): Scan {
    this.scan = scan
    this.card = text
    return scan
  }

  async #keep(work: () => Promise<Recorded>, ofCard: boolean): Promise<void> {
    const recorded = await work()
    this.undone = undefined
    this.saved ||= ofCard
    const number = ++this.#number
    this.undoable = { recorded, number }
    setTimeout(() => {
      if (this.undoable?.number === number) this.undoable = undefined
    }, UNDO_MS)
    line.recorded()
    await this.reread()
  }
}

export const front = new Front()
