// A phone with a browser of its own, which can be killed like one whose battery is pulled out.
import { spawn } from 'node:child_process'

import { chromium } from 'playwright-core'

import { ARGS } from './browser.mjs'
import { Hand } from './hand.mjs'
import { checkFolder, record } from './record.mjs'

export class Phone extends Hand {
  #process
  #folder
  #seen
  constructor(folder) {
    super(undefined)
    this.#folder = folder
  }

  async start() {
    const args = [...ARGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${this.#folder}`, '--accept-lang=en-GB']
    // A group of its own, so that all of its processes end at once.
    this.#process = spawn(process.env.PAYUNG_CHROMIUM ?? '/usr/bin/chromium', [...args, 'about:blank'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.browser = await chromium.connectOverCDP(await listens(this.#process.stderr))
    this.context = this.browser.contexts()[0]
    this.#seen = record(this.context)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    await this.page.setViewportSize({ width: 390, height: 844 })
    this.page.setDefaultTimeout(15_000)
  }

  /** As the last step: nothing that it sent or kept tells a secret. */
  async end() {
    await this.#seen.check()
    await this.kill()
    checkFolder(this.#folder)
  }

  /** Ends the browser without a word to anybody. */
  async kill() {
    if (this.#process?.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise((done) => this.#process.once('exit', done))
    process.kill(-this.#process.pid, 'SIGKILL')
    await ended
    await this.browser.close().catch(() => undefined)
  }
}

function listens(from) {
  return new Promise((resolve, reject) => {
    let said = ''
    from.on('data', (more) => {
      said += more
      const found = /DevTools listening on (ws:\S+)/.exec(said)
      if (found) resolve(found[1])
    })
    from.on('end', () => reject(new Error(`the browser did not start: ${said}`)))
  })
}
