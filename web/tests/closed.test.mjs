// A page that was closed: it opens by the PIN with the service's help, and does the daily work alone; ten wrong ones leave the
// password. Without a network it notes visits, which are sent once.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { choose, demo, device, enter, launch, pickSite, signIn, skip, tab } from './lib/browser.mjs'
import { textOf } from './lib/cards.mjs'
import { Phone } from './lib/phone.mjs'
import { keepCard } from './lib/record.mjs'

let browser
before(async () => {
  if (!skip) browser = await launch()
})
after(() => browser?.close())

test('a closed page opens by its PIN, until ten were wrong', { skip, timeout: 300_000 }, async () => {
  const it = await device(browser)
  const { name, password } = await enter(it.page, demo.people.find((one) => one.provider && !one.invitation))
  let { page } = it
  const field = (label) => page.getByLabel(label, { exact: true })
  const press = (what) => page.getByRole('button', { name: what, exact: true }).click()
  /** The page is closed, and opened anew. */
  const reopen = async () => {
    await page.close()
    page = await it.context.newPage()
    await page.goto(demo.pages.counter)
  }
  const unlocks = () => page.getByRole('heading', { name: 'Unlock' }).waitFor()
  const tryPin = async (pin) => {
    await field('PIN').fill(pin)
    await press('Unlock')
    const slow = page.getByText('That was a lot in a short time')
    const said = page.getByText(/not the PIN|opens nothing any more/).or(page.locator('nav')).first()
    await slow.or(said).first().waitFor({ timeout: 40_000 })
    if (!(await slow.isVisible())) return
    await page.waitForTimeout(60_000)
    await tryPin(pin)
  }

  await tab(page, 'nav.more')
  await press('Settings')
  await press('Choose a PIN')
  await field('PIN').fill('271828')
  await field('PIN once more').fill('271828')
  await press('Save')
  await page.getByRole('button', { name: 'Another PIN' }).waitFor()

  await reopen()
  await unlocks()
  await tryPin('314159')
  await page.getByText(/ten wrong ones/).waitFor()
  await tryPin('271828')
  await pickSite(page)
  assert.match(await choose(page, demo.cards.known), /^Valid/)
  await tab(page, 'nav.more')
  await press('Settings')
  await press('Another PIN')
  await page.getByRole('heading', { name: 'Your password, please' }).waitFor()
  await press('Sign in with your password')
  await signIn(page, name, password)
  await pickSite(page)

  // Who signs out leaves no PIN behind; the next sign-in brings it back.
  await tab(page, 'nav.more')
  await press('Sign out')
  await reopen()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(page, name, password)
  await pickSite(page)
  await reopen()
  await unlocks()

  for (let wrong = 0; wrong < 10; wrong += 1) await tryPin('314159')
  await tryPin('271828')
  await page.getByText(/opens nothing any more/).waitFor()
  await signIn(page, name, password)
  await pickSite(page)
  await tab(page, 'nav.more')
  await press('Settings')
  await page.getByRole('button', { name: 'Choose a PIN' }).waitFor()
  await it.end()
})

test('a killed page opens without a network, notes two visits, and sends them once', { skip, timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'closed-'))
  const phone = new Phone(folder)
  try {
    await phone.start()
    const me = demo.people.find((one) => one.provider && !one.invitation)
    await phone.open(me)
    const code = await textOf(demo.cards.known)
    keepCard(code)
    assert.match(await phone.scan(code), /^Valid/)
    const before = await kits(phone)
    await phone.sync()
    await phone.kill()

    await phone.start()
    await phone.context.setOffline(true)
    await phone.page.goto(demo.pages.counter)
    for (const pieces of [61, 62]) {
      await phone.page.getByText('You can scan and record. Lists open').waitFor({ timeout: 40_000 })
      await phone.burst(code)
      await phone.page.getByRole('button', { name: 'Record a visit' }).click()
      await phone.page.getByRole('button', { name: 'Kits', exact: true }).click()
      await phone.page.getByRole('textbox', { name: 'Kits', exact: true }).fill(String(pieces))
      await phone.press('Save')
      await phone.page.getByText('Noted on this device. It is sent').waitFor()
    }
    await phone.page.getByText('2 visits noted on this device').waitFor()
    await phone.kill()

    await phone.start()
    await phone.open(me)
    await phone.sync()
    assert.match(await phone.scan(code), /^Valid/)
    assert.deepEqual((await kits(phone)).filter((it) => it > 60), [...before.filter((it) => it > 60), 61, 62])
    // Once more from the start: nothing comes twice.
    await phone.page.reload()
    await phone.signIn(me.name, me.password)
    await phone.sync()
    assert.match(await phone.scan(code), /^Valid/)
    assert.deepEqual((await kits(phone)).filter((it) => it > 60), [...before.filter((it) => it > 60), 61, 62])
    await phone.end()
  } finally {
    await phone.kill().catch(() => undefined)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

/** The numbers of kits in the history of the card that was scanned, smallest first. */
async function kits(phone) {
  const lines = await phone.history()
  const numbers = lines.flatMap((it) => /Kits (\d+)/.exec(it)?.[1] ?? []).map(Number)
  return numbers.sort((a, b) => a - b)
}
