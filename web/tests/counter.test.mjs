// The main job: a card is scanned at its provider, a visit is recorded, a colleague's device sees it, and the provider next door
// sees a stranger.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { choose, demo, device, enter, heading, launch, pickSite, signIn, skip, tab } from './lib/browser.mjs'
import { beLetIn } from './lib/colleagues.mjs'

let browser
before(async () => {
  if (!skip) browser = await launch()
})
after(() => browser?.close())

const at = (provider, open) => demo.people.find((it) => it.provider === provider && Boolean(it.invitation) === open)
const providers = () => [...new Set(demo.people.map((it) => it.provider).filter(Boolean))]

test('a visit is recorded, seen by a colleague, and unknown next door', { skip, timeout: 180_000 }, async () => {
  const [home, away] = providers()
  const first = await device(browser)
  const { page } = first
  const me = await enter(page, at(home, false) ?? at(home, true), { name: at(home, false)?.name ?? 'first.one' })

  assert.match(await choose(page, demo.cards.known), /^Valid, known here/)
  const alias = await heading(page)
  assert.match(alias, /^\S+ \S+ \d+$/)
  await page.getByRole('button', { name: 'Same as last time' }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  await tab(page, 'nav.waiting')
  await page.getByRole('heading', { name: 'Waiting to send' }).waitFor()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText('Everything is sent.').waitFor()

  await locksAndOpens(first, me)

  // A colleague sets up the second device and is let in by the first, who was asked by invitation.
  const colleague = at(home, true)
  const second = await device(browser, { colorScheme: 'dark' })
  const { name, password } = await enter(second.page, colleague, { name: 'second.one', label: 'Phone 2' })
  await beLetIn(second.page, page, { name, password })
  assert.match(await choose(second.page, demo.cards.known), /^Valid, known here/)
  assert.equal(await heading(second.page), alias)
  await second.page.getByText(/^Today: /).waitFor()

  const third = await device(browser)
  await enter(third.page, at(away, false) ?? at(away, true), { name: at(away, false)?.name ?? 'third.one' })
  assert.match(await choose(third.page, demo.cards.new_at_other ?? demo.cards.known), /^Valid, new here/)
  assert.notEqual(await heading(third.page), alias)
  await third.page.getByRole('button', { name: 'Enrol' }).waitFor()

  for (const it of [first, second, third]) await it.end()
})

/** A PIN is chosen; the page locks, and opens by it without a network; the fifth wrong one leaves the password alone. */
async function locksAndOpens({ page, context }, { name, password }) {
  const fill = (label, text) => page.getByLabel(label, { exact: true }).fill(text)
  const press = (name) => page.getByRole('button', { name, exact: true }).click()
  const lock = async () => {
    await tab(page, 'nav.more')
    await press('Lock')
    await page.getByRole('heading', { name: 'Unlock' }).waitFor()
  }
  const tryPin = async (pin) => {
    await fill('PIN', pin)
    await press('Unlock')
  }
  await tab(page, 'nav.more')
  await press('Settings')
  await press('Choose a PIN')
  await fill('PIN', '123456')
  await fill('PIN once more', '123456')
  await press('Save')
  await page.getByText(/too easy to guess/).waitFor()
  await fill('PIN', '271828')
  await fill('PIN once more', '271828')
  await press('Save')
  await page.getByRole('button', { name: 'Another PIN' }).waitFor()

  await lock()
  await context.setOffline(true)
  await tryPin('314159')
  await page.getByText(/not the PIN/).waitFor()
  await tryPin('271828')
  await page.getByRole('button', { name: 'Scan a card' }).waitFor()
  await context.setOffline(false)
  assert.match(await choose(page, demo.cards.known), /^Valid, known here/)

  await press('Hide')
  await press('Open')
  for (let wrong = 0; wrong < 5; wrong += 1) {
    await tryPin('314159')
    await page.getByText(wrong < 4 ? /not the PIN/ : /opens nothing any more/).waitFor()
  }
  await signIn(page, name, password)
  await pickSite(page)
  await page.getByRole('button', { name: 'Scan a card' }).waitFor()
}
