// Two hundred steps by chance: with a network and without, enrolments, visits, second thoughts, reloads, a browser that is killed.
// At the end nothing is lost and nothing is there twice, as a second device of the same provider sees it. PAYUNG_SEED repeats a run,
// PAYUNG_STEPS makes it longer.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import decode from 'qr/decode.js'

import { demo, device, enter, heading, launch, skip, tab } from './lib/browser.mjs'
import { beLetIn } from './lib/colleagues.mjs'
import { drawn } from './lib/film.mjs'
import { Hand } from './lib/hand.mjs'
import { Phone } from './lib/phone.mjs'
import { keepCard } from './lib/record.mjs'

const STEPS = Number(process.env.PAYUNG_STEPS ?? 200)
const SEED = Number(process.env.PAYUNG_SEED ?? 2026)
const PEOPLE = 10
/** How often each step comes. */
const WEIGHTS = { visit: 50, enrol: 12, network: 16, sync: 8, takeBack: 5, reload: 4, kill: 3, hide: 2 }

let seed = SEED
/** From 0 to 1 (mulberry32). */
function chance() {
  seed = (seed + 0x6d2b79f5) >>> 0
  let it = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it
  return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32
}
const oneOf = (list) => list[Math.floor(chance() * list.length)]
function chosen() {
  let at = chance() * Object.values(WEIGHTS).reduce((sum, it) => sum + it)
  return Object.keys(WEIGHTS).find((name) => (at -= WEIGHTS[name]) < 0)
}

let folder
let browser
let phone
before(async () => {
  if (skip) return
  folder = mkdtempSync(join(tmpdir(), 'phone-'))
  browser = await launch()
})
after(async () => {
  await phone?.kill()
  await browser?.close()
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** The texts of fresh cards, read off the sheet that would be printed. */
async function blanks(page) {
  await tab(page, 'nav.more')
  await page.getByRole('button', { name: 'Print cards' }).click()
  await page.getByRole('button', { name: 'Make cards' }).click()
  await page.locator('.paper svg').first().waitFor({ state: 'attached', timeout: 60_000 })
  const sheet = await page.locator('.paper svg').evaluateAll((all) =>
    all.map((it) => ({ size: Number(it.getAttribute('viewBox').split(' ')[2]), path: it.querySelector('path').getAttribute('d') })),
  )
  const cards = sheet.map((it) => decode(drawn(it)))
  for (const card of cards) keepCard(card)
  return cards
}

/** What should be there, step by step. */
class Shift {
  #pieces = 0
  #log = []
  online = true

  constructor(phone, person, cards) {
    this.phone = phone
    this.person = person
    /** Each card with the pieces that were given: no number comes twice. */
    this.people = []
    this.fresh = cards
  }

  async step(at) {
    const name = chosen()
    this.#log.push(`${at} ${name}${this.online ? '' : ' (offline)'}`)
    const began = performance.now()
    try {
      await this[name]()
      if (process.env.PAYUNG_TALK) console.error(this.#log.at(-1), Math.round(performance.now() - began))
    } catch (error) {
      const screen = await this.phone.page.locator('body').innerText().catch(() => 'no page')
      const steps = this.#log.slice(-8).join(', ')
      throw new Error(`${error.message}\nseed ${SEED}, after: ${steps}\nthe screen says:\n${screen}`, { cause: error })
    }
  }

  async visit() {
    if (this.people.length === 0) return this.enrol()
    const one = oneOf(this.people)
    await this.phone.scan(one.card)
    const pieces = (this.#pieces += 1)
    await this.phone.visit(pieces)
    if (chance() < 0.15 && (await this.phone.undo())) return
    one.given.add(pieces)
  }

  async enrol() {
    const card = this.fresh[0]
    if (!card || this.people.length >= PEOPLE) return this.visit()
    this.fresh.shift()
    await this.phone.enrol(card)
    this.people.push({ card, given: new Set() })
  }

  async network() {
    this.online = !this.online
    await this.phone.context.setOffline(!this.online)
  }

  async sync() {
    if (this.online) await this.phone.sync()
  }

  /** An entry that was made by mistake, sent or not. */
  async takeBack() {
    const one = oneOf(this.people.filter((it) => it.given.size > 0))
    if (!one || !this.online) return this.visit()
    await this.phone.scan(one.card)
    const lines = (await this.phone.history()).filter((it) => /^Kits \d+/.test(it))
    if (lines.length === 0) return
    const [, pieces] = /^Kits (\d+)/.exec(oneOf(lines))
    await this.phone.takeBack(new RegExp(`^\\s*Kits\\s${pieces}(\\D|$)`))
    one.given.delete(Number(pieces))
  }

  async reload() {
    await this.reachable()
    await this.phone.page.reload()
    await this.phone.signIn(this.person.name, this.person.password)
  }

  /** Now and then in the middle of sending. */
  async kill() {
    await this.reachable()
    if (chance() < 0.5) await this.phone.sync()
    await this.phone.kill()
    await this.phone.start()
    await this.phone.open(this.person)
  }

  async hide() {
    await this.phone.press('Hide')
    await this.reachable()
    await this.phone.press('Open')
    await this.phone.signIn(this.person.name, this.person.password)
  }

  /** Whoever signs in needs a network. */
  async reachable() {
    if (!this.online) await this.network()
  }
}

async function compare(people, read) {
  for (const { card, given } of people) {
    const lines = await read(card)
    const found = lines.flatMap((it) => /^Kits (\d+)/.exec(it)?.[1] ?? []).map(Number)
    assert.deepEqual(found.sort((a, b) => a - b), [...given].sort((a, b) => a - b), `visits, seed ${SEED}`)
    assert.equal(lines.filter((it) => /^Enrolled: Kits/.test(it)).length, 1, `enrolments, seed ${SEED}`)
  }
}

test('nothing is lost and nothing is doubled', { skip, timeout: 600_000 }, async (t) => {
  t.diagnostic(`seed ${SEED}`)
  // The last provider: its invitation is used by no other test.
  const person = demo.people.findLast((it) => it.provider && !it.invitation)
  phone = new Phone(folder)
  await phone.start()
  await phone.open(person)
  const shift = new Shift(phone, person, await blanks(phone.page))
  for (let at = 0; at < STEPS; at += 1) await shift.step(at)

  await shift.reachable()
  await phone.sync()
  await phone.page.getByText('Everything is sent.').waitFor({ timeout: 30_000 })
  const reader = (hand) => async (card) => {
    await hand.scan(card)
    await heading(hand.page)
    return hand.history()
  }
  await compare(shift.people, reader(phone))

  const second = await device(browser)
  const colleague = demo.people.find((it) => it.provider === person.provider && it.invitation)
  await beLetIn(second.page, phone.page, await enter(second.page, colleague, { name: 'night.shift', label: 'Phone 2' }))
  await compare(shift.people, reader(new Hand(second.page)))
  await second.end()
  await phone.end()
})
