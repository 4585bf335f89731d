// What a place offers is what its counters show and record; a place of which nothing is said offers everything.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { operator, show as showOffice } from './lib/office.mjs'
import { screens } from './lib/screens.mjs'
import { show, stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const on = stand()
const t = words('en')
const chips = (page) => page.locator('main fieldset').first().getByRole('button', { pressed: false }).allTextContents()

/** The services that the screen of a visit shows, of a client who had packs and kits before. */
async function shown(stage) {
  const { context, page } = await show(on.browser, on.url, { ...screens.visit, go: screens['visit-offers'].go, stage })
  const found = (await chips(page)).map((it) => it.trim())
  await context.close()
  return found
}

test('a visit shows what the place offers, what the client had before first', { timeout: 60_000 }, async () => {
  assert.deepEqual(await shown({ offers: ['hts', 'condoms'] }), [t['service.condoms'], t['service.hts']])
  assert.ok((await shown({})).length > 2)
})

test('the same as last time is there where the place offers all of it, and else the form', { timeout: 60_000 }, async () => {
  const count = (page, key) => page.getByRole('button', { name: t[key], exact: true }).count()
  for (const [offers, same] of [[['condoms', 'nsp', 'hts'], 1], [['condoms'], 0], [['hts'], 0]]) {
    const { context, page } = await show(on.browser, on.url, { ...screens.known, stage: { offers } })
    assert.deepEqual([await count(page, 'result.same'), await count(page, 'result.visit')], [same, 1], String(offers))
    await context.close()
  }
  const { context, page } = await show(on.browser, on.url, { ...screens.known, stage: { offers: ['condoms'] } })
  await page.getByRole('button', { name: t['result.visit'], exact: true }).click()
  await page.getByRole('button', { name: t['service.condoms'], exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: t['service.nsp'], exact: true }).count(), 0)
  await context.close()
})

test('no place offers nothing', { timeout: 60_000 }, async () => {
  const { context, page } = await showOffice(on.browser, on.url, 'operator', operator['offers-none'])
  await page.getByRole('alert').getByText(t['visit.services.none']).waitFor()
  await page.getByRole('checkbox').first().check()
  await page.getByRole('button', { name: t.save, exact: true }).click()
  await page.getByRole('heading', { name: 'Yayasan Harapan Baru' }).waitFor()
  await context.close()
})
