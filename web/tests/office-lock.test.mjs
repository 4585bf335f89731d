// The office's page locks to a PIN, if whoever works there has one; the core is a stand-in.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { operator, show } from './lib/office.mjs'
import { stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const on = stand()
const t = words('en')
const open = (screen) => show(on.browser, on.url, 'operator', screen)
const button = (page, key) => page.getByRole('button', { name: t[key], exact: true })

test('a PIN opens what was locked, and nothing of it is shown before', { timeout: 60_000 }, async () => {
  const { context, page } = await open(operator.unlock)
  assert.equal(await page.locator('nav').count(), 0)
  await page.getByLabel(t.pin, { exact: true }).fill('271828')
  await button(page, 'unlock').click()
  await page.locator('nav').waitFor()
  await context.close()
})

test('without a PIN the password is asked for, and after five wrong ones too', { timeout: 60_000 }, async () => {
  const { context, page } = await open({ go: operator.more.go })
  await button(page, 'lock').click()
  await page.getByLabel(t['sign-in.password'], { exact: true }).waitFor()
  assert.equal(await button(page, 'unlock').count(), 0)
  await context.close()
  const over = await open(operator['unlock-over'])
  await over.page.getByLabel(t['sign-in.password'], { exact: true }).waitFor()
  await over.context.close()
})

test('a PIN that was chosen locks, and one that was given up does not', { timeout: 60_000 }, async () => {
  const { context, page } = await open(operator.pin)
  for (const key of ['pin', 'pin.again']) await page.getByLabel(t[key], { exact: true }).fill('271828')
  await button(page, 'save').click()
  await button(page, 'pin.none').waitFor()
  await button(page, 'pin.none').click()
  await button(page, 'pin.choose').waitFor()
  await context.close()
})

test('whoever signs out is asked for the password', { timeout: 60_000 }, async () => {
  const { context, page } = await open({ stage: { pin: true }, go: operator.more.go })
  await button(page, 'sign-out').click()
  await page.getByLabel(t['sign-in.password'], { exact: true }).waitFor()
  await context.close()
})
