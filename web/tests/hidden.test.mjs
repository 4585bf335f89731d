// Whoever hides the page is not found out by an answer that comes after it: every step that takes time is hidden in the middle of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cardText } from './lib/film.mjs'
import { show as showOffice } from './lib/office.mjs'
import { show as showCounter, stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const on = stand()
const t = words('en')
/** How late each answer comes. */
const LATE = 500

const fill = (page, key, text) => page.getByLabel(t[key], { exact: true }).fill(text)
const press = (page, key) => page.getByRole('button', { name: t[key], exact: true }).first().click()
const submit = (page) => page.locator('main form button[type=submit]').last().click()
const heading = (page, key) => page.getByRole('heading', { name: t[key], exact: true }).waitFor()

/** Escape twice, in one go: a busy machine may take longer than anybody between two presses. */
const hide = (page) =>
  page.evaluate(() => {
    for (let at = 0; at < 2; at += 1) dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  })

/** Hides, waits until every answer has come, and asserts that nothing shows; then opens. */
async function stays(page) {
  await hide(page)
  await heading(page, 'hidden.title')
  await page.waitForTimeout(3 * LATE)
  assert.deepEqual(await page.locator('h1').allInnerTexts(), [t['hidden.title']])
  assert.equal(await page.title(), 'Notes')
  await press(page, 'hidden.open')
}

/** Signed out, after everything that may still come. */
async function signedOut(page) {
  await fill(page, 'sign-in.password', 'anything goes here')
  await page.waitForTimeout(2 * LATE)
  assert.equal(await page.locator('nav').count(), 0)
}

async function signIn(page) {
  await page.getByLabel(t['sign-in.name'], { exact: true }).fill('sari')
  await fill(page, 'sign-in.password', 'anything goes here')
  await submit(page)
}

const stage = { late: LATE }
const places = {
  counter: (screen) => showCounter(on.browser, on.url, screen),
  operator: (screen) => showOffice(on.browser, on.url, 'operator', screen),
}
for (const [place, open] of Object.entries(places)) {
  test(`${place}: hidden while it starts, signs in and works`, async () => {
    const { context, page } = await open({ stage, closed: true })
    await stays(page)
    await signIn(page)
    await stays(page)
    await signedOut(page)
    await signIn(page)
    await page.locator('nav').waitFor()
    await stays(page)
    await signedOut(page)
    await context.close()
  })

  test(`${place}: hidden while a device is set up`, async () => {
    const { context, page } = await open({ stage: { ...stage, enrolled: false }, closed: true })
    await fill(page, 'accept.text', 'pyi_anything')
    await fill(page, 'sign-in.name', 'sari')
    await fill(page, 'accept.password', 'anything goes here')
    await submit(page)
    await stays(page)
    await page.waitForTimeout(2 * LATE)
    assert.equal(await page.locator('nav').count(), 0)
    await context.close()
  })
}

test('counter: hidden while a card is read, a visit is saved and the page is left', async () => {
  const { context, page } = await places.counter({ stage })
  const read = async () => {
    await press(page, 'scan.type')
    await page.locator('textarea').fill('KNOWN '.padEnd(150, 'A'))
    await submit(page)
  }
  const again = async () => {
    await stays(page)
    await signedOut(page)
    await signIn(page)
    await page.getByRole('button', { name: t.scan, exact: true }).waitFor()
    assert.equal(await page.getByText('amber river').count(), 0)
  }
  await read()
  await again()
  await read()
  await page.getByRole('status').filter({ hasText: /\S/ }).waitFor()
  await press(page, 'result.same')
  await again()
  await page.locator('nav').getByRole('button', { name: t['nav.more'] }).click()
  await press(page, 'sign-out')
  await stays(page)
  await signedOut(page)
  await context.close()
})

test('counter: hidden while a PIN is tried', async () => {
  const { context, page } = await places.counter({ stage: { ...stage, pin: true } })
  await page.locator('nav').getByRole('button', { name: t['nav.more'] }).click()
  await press(page, 'lock')
  for (const pin of ['271828', '314159']) {
    await fill(page, 'pin', pin)
    await submit(page)
    await stays(page)
    await page.getByLabel(t.pin, { exact: true }).waitFor()
  }
  await context.close()
})

test('card: hidden while it is kept, shown and taken off', async () => {
  const { context, page } = await showOffice(on.browser, on.url, 'card', {})
  await page.evaluate((late) => {
    for (const name of ['encrypt', 'decrypt']) {
      const quick = SubtleCrypto.prototype[name]
      SubtleCrypto.prototype[name] = async function (...given) {
        await new Promise((done) => setTimeout(done, late))
        return quick.apply(this, given)
      }
    }
  }, LATE)
  await press(page, 'card.keep')
  await press(page, 'scan.type')
  await fill(page, 'scan.type.label', cardText())
  await press(page, 'scan.type.submit')
  for (const next of ['card.show', 'card.remove', 'card.keep']) {
    await stays(page)
    await press(page, next)
  }
  await stays(page)
  await heading(page, 'card.empty')
  await context.close()
})
