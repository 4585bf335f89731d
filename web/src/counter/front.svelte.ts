// The card in front of the device: what it came to, and what was recorded for it.
import { core, type Client, type Enrolment, type Leaving, type Recorded, type Scan, type Visit } from '../core/index.ts'
import { Turn } from '../shared/turn.ts'
import { line, UNDO_MS } from './line.svelte.ts'

/** What was done: each has words of its own in the bar. */
export type Deed = 'visit' | 'enrol' | 'exit' | 'try' | 'void'

/** What the bar at the foot offers to take back. */
export interface Undoable {
  recorded: Recorded
  deed: Deed
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
  /** What came of taking something back: nothing was sent, or it was too late; the same of an entry that was to be taken out. */
  undone = $state<'undone' | 'late' | 'stays' | 'gone'>()
  #number = 0
  /** Over with each card. */
  #turn = new Turn()
  #said: ReturnType<typeof setTimeout> | undefined

  client = $derived(this.scan?.client ?? undefined)

  async read(text: string): Promise<Scan> {
    this.clearCard()
    let scan = await core.scan(text)
    // Maybe it was given out here without a network: then it comes to life when that is sent.
    if (scan.outcome === 'inactive' && line.waiting?.later.length) {
      await line.syncAgain()
      scan = await core.scan(text)
    }
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

  record = (visit: Visit): Promise<void> => this.#keep('visit', () => core.record(visit))
  enrol = (enrolment: Enrolment): Promise<void> => this.#keep('enrol', () => core.enrolClient(enrolment))
  exit = (leaving: Leaving): Promise<void> => this.#keep('exit', () => core.exit(leaving))
  attempt = (id: string, outcome: string): Promise<void> => this.#keep('try', () => core.attempt(id, outcome))

  /** Takes an entry out that was made by mistake; one that was not sent is simply forgotten. */
  async withdraw(entry: string): Promise<void> {
    const recorded = await core.withdraw(entry)
    // What the bar offered may be the very entry that is gone now.
    this.undoable = undefined
    this.saved = false
    if (recorded) return this.#keep('void', () => Promise.resolve(recorded))
    this.#say('undone')
    line.recorded()
    await this.reread()
  }

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
    const intime = await core.takeBack(taken.recorded)
    if (taken.deed === 'void') this.#say(intime ? 'stays' : 'gone')
    else this.#say(intime ? 'undone' : 'late')
    line.recorded()
    await this.reread()
  }

  /** Shows what was entered since the scan. */
  async reread(): Promise<void> {
    const id = this.scan?.client?.id
    if (!this.scan || !id) return
    const same = this.#turn.mark()
    try {
      const client: Client = await core.client(id)
      if (!same()) return
      this.scan = { ...this.scan, client: { ...client, claims: client.known ? null : (this.scan.client?.claims ?? null) } }
    } catch {
      if (!same()) return
      // Not known here yet: what the scan said stays.
      if (this.scan.client) this.scan = { ...this.scan, client: { ...this.scan.client, known: false, history: [], standings: [] } }
    }
  }

  clearCard(): void {
    this.#turn.next()
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

  /** Good news goes by itself; what asks for something stays until the next card or entry. */
  #say(what: NonNullable<Front['undone']>): void {
    this.undone = what
    clearTimeout(this.#said)
    if (what === 'late' || what === 'gone') return
    this.#said = setTimeout(() => {
      if (this.undone === what) this.undone = undefined
    }, UNDO_MS)
  }

  #show(scan: Scan, text: string): Scan {
    this.scan = scan
    this.card = text
    return scan
  }

  async #keep(deed: Deed, work: () => Promise<Recorded>): Promise<void> {
    const recorded = await work()
    this.undone = undefined
    this.saved ||= deed === 'visit' || deed === 'enrol' || deed === 'exit'
    const number = ++this.#number
    this.undoable = { recorded, deed, number }
    setTimeout(() => {
      if (this.undoable?.number === number) this.undoable = undefined
    }, UNDO_MS)
    line.recorded()
    await this.reread()
  }
}

export const front = new Front()
