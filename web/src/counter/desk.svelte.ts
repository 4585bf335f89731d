// Who works here: from the first start to signed in and locked.
import {
  adopt,
  core,
  enrolledHere,
  forgetLock,
  lockNow,
  offered,
  onBroken,
  onClock,
  problemOf,
  ready,
  start,
  type Me,
  type Offered,
  type Started,
  unlock,
  wipe,
} from '../core/index.ts'
import { curtain } from '../shared/curtain.svelte.ts'
import { idles } from '../shared/guard.ts'
import { Turn } from '../shared/turn.ts'
import { front } from './front.svelte.ts'
import { line } from './line.svelte.ts'
import { nav } from './nav.svelte.ts'

/**
 * `new`: nobody was enrolled here. `closed`: somebody has to sign in. `locked`: a PIN is enough. The others of `Started` say why
 * there is nothing to work with.
 */
export type Phase = 'starting' | 'new' | 'closed' | 'locked' | 'open' | Exclude<Started, 'ready'>

class Desk {
  phase = $state<Phase>('starting')
  me = $state.raw<Me>()
  /** Where the work is done; asked once a session when there are several. */
  site = $state<string>()
  /** Hours by which this device's clock is ahead; 0 when it is right. */
  clock = $state(0)
  /** Somebody has set this device up. */
  enrolled = $state(false)
  /** Why somebody has to sign in again, in one word. */
  why = $state<'idle' | 'ended' | 'pin'>()
  /** Everything locked by itself, and whoever works here has no PIN: they may want one. */
  offersPin = $state(false)
  /** A PIN opens what was locked. */
  #locked = false
  /** The colleague who gave the key is to be named by their numbers at the next sign-in. */
  asksGiver = false
  /** Kept while the page lives, so that only the password is typed again. */
  name = ''
  /** An invitation that came with the address. */
  invitation = $state('')
  /** Devices that this machine has ready; a name that is known here may sign in. */
  #offered = $state.raw<Offered[]>([])
  /** Over when everything is closed: what began before then opens nothing. */
  #turn = new Turn()
  #blocked: Phase | undefined
  #stopIdle: () => void = () => undefined

  ready = $derived(this.#offered.length > 0)
  sites = $derived(this.me?.sites ?? [])
  /** Clients cannot be read yet: nobody gave the key, or somebody did whom nobody has compared. */
  shut = $derived(this.me !== undefined && (this.me.waits || (this.me.fingerprint !== null && this.me.origin === null)))
  administrator = $derived(this.me?.role === 'provider-administrator')

  async begin(): Promise<void> {
    this.#takeInvitation()
    onBroken((why) => (this.phase = this.#blocked = why))
    onClock((hours) => (this.clock = hours))
    const may = await ready('counter')
    if (may !== 'ready') {
      this.phase = this.#blocked = may
      return
    }
    await this.#settle()
    start('counter')
  }

  async signIn(name: string, password: string, giver?: string): Promise<void> {
    this.#turn.next()
    const same = this.#turn.mark()
    await this.#adopt(name)
    if (!same()) return
    const me = await core.signIn(name, password, giver || null)
    if (!same()) return lockNow()
    this.name = name
    this.asksGiver = false
    this.#enter(me)
    // Sites, lists and the age of the cards' list come with the first synchronisation; nobody waits longer for it than this.
    const first = line.sync()
    await Promise.race([first, new Promise((done) => setTimeout(done, 4000))])
    await this.refresh()
    // Somebody hid or locked while this was under way.
    if (!same()) return
    void first.then(() => this.refresh())
    this.#work()
  }

  /** The page goes on where it was locked, with or without a network. */
  async unlock(pin: string): Promise<void> {
    this.#turn.next()
    const same = this.#turn.mark()
    const me = await unlock(pin)
    if (!same()) return lockNow()
    this.#enter(me)
    this.#work()
    void line.sync()
  }

  /** The password instead of the PIN. */
  async forget(why = this.why): Promise<void> {
    this.#locked = false
    this.why = why
    if (this.phase === 'locked') this.phase = 'closed'
    await forgetLock()
  }

  async setPin(pin: string): Promise<void> {
    await core.setPin(pin)
    this.offersPin = false
    await this.refresh()
  }

  async dropPin(): Promise<void> {
    await core.dropPin()
    await this.refresh()
  }

  #enter(me: Me): void {
    this.why = undefined
    this.#locked = false
    this.me = me
    nav.top('scan')
  }

  #work(): void {
    this.phase = 'open'
    line.begin(() => this.refresh())
    this.#stopIdle = idles(() => this.lock('idle'))
  }

  /** The first who signs in at a machine that has devices ready gets theirs. */
  async #adopt(name: string): Promise<void> {
    const mine = this.#offered.find((it) => it.name === name.trim().toLowerCase())
    if (this.enrolled || !mine) return
    await adopt(mine.state)
    this.enrolled = true
    this.#offered = []
  }

  async accept(invitation: string, name: string, password: string, label: string): Promise<void> {
    const same = this.#turn.mark()
    await core.enrol({ invitation: tokenOf(invitation), name, password, label })
    this.invitation = ''
    this.enrolled = true
    if (!same()) return
    this.phase = 'closed'
    await this.signIn(name, password)
  }

  /** Reads anew who is signed in: what the service told since then. */
  async refresh(): Promise<void> {
    const same = this.#turn.mark()
    try {
      const me = await core.me()
      if (!same()) return
      this.me = me
      if (this.sites.length === 1) this.site = this.sites[0]
      if (this.site && !this.sites.includes(this.site)) this.site = undefined
    } catch (thrown) {
      if (same() && problemOf(thrown).code === 'closed' && this.phase === 'open') this.lock()
    }
  }

  lock(why?: 'idle' | 'ended'): void {
    this.offersPin = why === 'idle' && this.me !== undefined && !this.me.pin
    this.#close()
    this.why = why
    this.phase = this.#locked ? 'locked' : 'closed'
    // A session that has ended is of no use to anybody.
    if (why === 'ended') void this.forget()
  }

  /** A neutral page at once, and every key dropped. */
  hide(): void {
    curtain.drawn = true
    this.#close()
    this.phase = 'starting'
  }

  async unhide(): Promise<void> {
    curtain.drawn = false
    await this.#settle()
  }

  /** Tells the service that the session is over, then locks. */
  async leave(): Promise<void> {
    const same = this.#turn.mark()
    try {
      await core.leave()
    } finally {
      if (same()) {
        this.name = ''
        this.me = undefined
        this.lock()
      }
    }
  }

  /** Everything that is kept here goes, sent or not. */
  async wipe(): Promise<void> {
    this.#close()
    await wipe()
    this.#locked = false
    this.name = ''
    this.why = undefined
    await this.#settle()
  }

  #close(): void {
    this.#turn.next()
    lockNow()
    if (this.me?.pin) this.#locked = true
    this.#stopIdle()
    line.end()
    front.clear()
    this.me = undefined
    nav.top('scan')
  }

  async #settle(): Promise<void> {
    if (this.#blocked) return void (this.phase = this.#blocked)
    try {
      const enrolled = await enrolledHere('counter')
      this.enrolled = enrolled
      if (!enrolled && this.#offered.length === 0) this.#offered = await offered()
      // The core may have said meanwhile that there is none.
      if (this.#blocked) return void (this.phase = this.#blocked)
      if (this.#locked) return void (this.phase = 'locked')
      const closed = enrolled || (this.#offered.length > 0 && !this.invitation)
      this.phase = closed ? 'closed' : 'new'
    } catch {
      this.phase = 'no-storage'
    }
  }

  /** The token leaves the address at once, so that it is in no history and no screenshot. */
  #takeInvitation(): void {
    const found = new URLSearchParams(location.hash.slice(1)).get('i')
    if (found) this.invitation = found
    if (location.hash) history.replaceState(history.state, '', location.pathname)
  }
}

/** An invitation as it was pasted: the text itself, or a link that carries it. */
export function tokenOf(text: string): string {
  const trimmed = text.trim()
  const mark = trimmed.indexOf('#i=')
  return mark < 0 ? trimmed : decodeURIComponent(trimmed.slice(mark + 3))
}

export const desk = new Desk()
