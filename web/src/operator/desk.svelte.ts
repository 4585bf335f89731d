// Who works here: from the first start to signed in and locked.
import {
  adopt,
  core,
  enrolledHere,
  forgetLock,
  lockNow,
  offered,
  onBroken,
  problemOf,
  ready,
  start,
  type Me,
  type Offered,
  type Started,
  unlock,
} from '../core/index.ts'
import { curtain } from '../shared/curtain.svelte.ts'
import { idles } from '../shared/guard.ts'
import { Turn } from '../shared/turn.ts'
import { nav } from './nav.ts'
import { office } from './office.svelte.ts'

/** `closed`: somebody has to sign in. `locked`: a PIN is enough. */
export type Phase = 'starting' | 'new' | 'closed' | 'locked' | 'open' | Exclude<Started, 'ready'>

class Desk {
  phase = $state<Phase>('starting')
  me = $state.raw<Me>()
  /** Kept while the page lives, so that only the password is typed again. */
  name = ''
  /** An invitation that came with the address. */
  invitation = ''
  /** Somebody has set this device up. */
  enrolled = $state(false)
  /** Devices that this machine has ready; a name that is known here may sign in. */
  #offered = $state.raw<Offered[]>([])
  ready = $derived(this.#offered.length > 0)
  #turn = new Turn()
  /** Why the page is locked, in one word. */
  why = $state<'idle' | 'pin'>()
  /** A PIN opens what was locked. */
  #locked = false
  #blocked: Phase | undefined
  #stopIdle: () => void = () => undefined

  async begin(): Promise<void> {
    this.#takeInvitation()
    onBroken((why) => (this.phase = this.#blocked = why))
    const may = await ready('operator')
    if (may !== 'ready') return void (this.phase = this.#blocked = may)
    await this.#settle()
    start('operator')
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#turn.next()
    const same = this.#turn.mark()
    await this.#adopt(name)
    if (!same()) return
    const me = await core.signIn(name, password, null)
    // Somebody hid or locked while this was under way.
    if (!same()) return lockNow()
    this.name = name
    this.#work(me)
  }

  /** The page goes on where it was locked. */
  async unlock(pin: string): Promise<void> {
    this.#turn.next()
    const same = this.#turn.mark()
    const me = await unlock(pin)
    if (!same()) return lockNow()
    this.#work(me)
  }

  /** The password instead of the PIN. */
  async forget(why?: 'pin'): Promise<void> {
    this.#locked = false
    this.why = why
    if (this.phase === 'locked') this.phase = 'closed'
    await forgetLock()
  }

  async setPin(pin: string): Promise<void> {
    await core.setPin(pin)
    await this.#reread()
  }

  async dropPin(): Promise<void> {
    await core.dropPin()
    await this.#reread()
  }

  async #reread(): Promise<void> {
    const same = this.#turn.mark()
    const me = await core.me()
    if (same()) this.me = me
  }

  #work(me: Me): void {
    this.why = undefined
    this.#locked = false
    this.me = me
    nav.top({ name: 'today' })
    this.phase = 'open'
    this.#stopIdle = idles(() => this.lock('idle'))
    if (me.role === 'operator') void office.look()
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

  lock(why?: 'idle'): void {
    this.#close()
    this.why = why
    this.phase = this.#locked ? 'locked' : 'closed'
  }

  hide(): void {
    curtain.drawn = true
    this.#close()
    this.phase = 'starting'
  }

  async unhide(): Promise<void> {
    curtain.drawn = false
    await this.#settle()
  }

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

  /** The session ended while somebody worked: they sign in again. */
  ended(thrown: unknown): void {
    const { code } = problemOf(thrown)
    if (this.phase !== 'open' || (code !== 'closed' && code !== 'not-signed-in')) return
    this.lock()
    // A session that has ended is of no use to anybody.
    void this.forget()
  }

  #close(): void {
    this.#turn.next()
    lockNow()
    if (this.me?.pin) this.#locked = true
    this.#stopIdle()
    office.clear()
    this.me = undefined
    nav.top({ name: 'today' })
  }

  async #settle(): Promise<void> {
    if (this.#blocked) return void (this.phase = this.#blocked)
    try {
      const enrolled = await enrolledHere('operator')
      this.enrolled = enrolled
      if (!enrolled && !this.ready) this.#offered = await offered()
      // The core may have said meanwhile that there is none.
      if (this.#blocked) return void (this.phase = this.#blocked)
      if (this.#locked) return void (this.phase = 'locked')
      this.phase = enrolled || (this.ready && !this.invitation) ? 'closed' : 'new'
    } catch {
      this.phase = 'no-storage'
    }
  }

  /** The token leaves the address at once, so that it is in no history and no screenshot. */
  #takeInvitation(): void {
    this.invitation = new URLSearchParams(location.hash.slice(1)).get('i') ?? ''
    if (location.hash) history.replaceState(history.state, '', location.pathname)
  }
}

/** An invitation as it was pasted: the text itself, or a link that carries it. */
function tokenOf(text: string): string {
  const mark = text.indexOf('#i=')
  return mark < 0 ? text.trim() : decodeURIComponent(text.trim().slice(mark + 3))
}

export const desk = new Desk()
