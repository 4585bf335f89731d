// What a person does at the counter, by what the screen says.
import { demo, pickSite, signIn, tab, verdict } from './browser.mjs'

const MARKS = {
  ' ': ['Space', false], $: ['Digit4', true], '%': ['Digit5', true], '*': ['Digit8', true], '+': ['Equal', true],
  '-': ['Minus', false], '.': ['Period', false], '/': ['Slash', false], ':': ['Semicolon', true],
}

/** As a hand scanner types a code. */
function burst({ code, marks }) {
  let at = performance.now()
  const send = (key, place, shiftKey) => {
    const event = new KeyboardEvent('keydown', { key, code: place, shiftKey, bubbles: true, cancelable: true })
    // As fast as a scanner is, however busy this machine.
    at += 5
    Object.defineProperty(event, 'timeStamp', { value: at })
    document.body.dispatchEvent(event)
  }
  for (const sign of code) {
    if (/[A-Z]/.test(sign)) send(sign, `Key${sign}`, true)
    else if (/\d/.test(sign)) send(sign, `Digit${sign}`, false)
    else send(sign, ...marks[sign])
  }
  send('Enter', 'Enter', false)
}

export class Hand {
  constructor(page) {
    this.page = page
  }

  press = (name) => this.page.getByRole('button', { name, exact: true }).first().click()

  async open(person, password = person.password) {
    await this.page.goto(demo.pages.counter)
    await this.signIn(person.name, password)
  }

  async signIn(name, password) {
    await signIn(this.page, name, password)
    // A device takes ten log-ins in a minute; whoever starts over and over waits as the page says, and tries again.
    const slow = this.page.getByText('That was a lot in a short time')
    await slow.or(this.page.locator('nav')).first().waitFor({ timeout: 40_000 })
    if (await slow.isVisible()) {
      await this.page.waitForTimeout(30_000)
      await signIn(this.page, name, password)
    }
    // A line that just came back may keep the first request waiting.
    await this.page.locator('nav').waitFor({ timeout: 40_000 })
    await pickSite(this.page)
  }

  /** Scans, and answers the verdict. */
  async scan(code) {
    await tab(this.page, 'nav.scan')
    return this.burst(code)
  }

  /** The same where the page stands. */
  async burst(code) {
    await this.page.getByRole('button', { name: 'Scan a card', exact: true }).waitFor()
    await this.page.evaluate(burst, { code, marks: MARKS })
    return verdict(this.page)
  }

  /** Gives a fresh card to somebody new, with a network or without. */
  async enrol(code) {
    await tab(this.page, 'nav.more')
    await this.press('New card')
    await this.page.getByRole('button', { name: 'Scan a card', exact: true }).waitFor()
    await this.page.evaluate(burst, { code, marks: MARKS })
    await verdict(this.page)
    await this.press('Enrol')
    await this.#kits()
    await this.#save()
  }

  /** Records a visit for the card that was scanned. */
  async visit(pieces) {
    await this.page.getByRole('button', { name: /^Record (a visit|anyway)$/ }).click()
    await this.#kits()
    await this.page.getByRole('textbox', { name: 'Kits', exact: true }).fill(String(pieces))
    await this.#save()
  }

  #kits = () => this.page.getByRole('button', { name: 'Kits', exact: true }).click()

  async #save() {
    await this.#done('Save')
    await this.page.getByRole('button', { name: 'Undo' }).waitFor()
  }

  /** Presses, and waits until all is saved: then the button goes. The button itself, for it says something else while it takes long. */
  async #done(name) {
    const button = await this.page.getByRole('button', { name, exact: true }).first().elementHandle()
    await button.click()
    await button.waitForElementState('hidden')
  }

  /** Answers whether it was in time. */
  async undo() {
    await this.page.getByRole('button', { name: 'Undo' }).click()
    const done = this.page.getByRole('alert')
    await done.waitFor()
    return /Nothing was sent/.test(await done.innerText())
  }

  /** What the history of the scanned client says, line by line. */
  async history() {
    await this.press('History here')
    await this.page.getByRole('heading', { name: 'Now' }).waitFor()
    const lines = await this.page.locator('main ul.list').last().locator('li > p, li > button > span').allInnerTexts()
    return lines.map((it) => it.replaceAll('\u00a0', ' '))
  }

  /** Takes back the line that begins like this, from the history. */
  async takeBack(line) {
    await this.page.locator('main li > button').filter({ hasText: line }).first().click()
    await this.#done('Take it back')
    await this.page.getByText(/Taken back(\.| on this phone)/).first().waitFor()
  }

  /** Sends everything that waits. */
  async sync() {
    await tab(this.page, 'nav.waiting')
    await this.press('Sync now')
  }
}
