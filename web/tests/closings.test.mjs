// Closing a quarter by two operators, as each of them sees it; the core is a stand-in.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { operator, show } from './lib/office.mjs'
import { stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const on = stand()
const t = words('en')
const KEYS = ['op.closing.propose', 'op.closing.confirm', 'op.closing.finish', 'op.health.again', 'op.published', 'op.closing.withdraw']

async function open(name) {
  const { context, page } = await show(on.browser, on.url, 'operator', operator[name])
  return { page, end: () => context.close() }
}

test('nobody is offered what is not theirs to do', { timeout: 120_000 }, async () => {
  for (const [name, ...expected] of [
    ['closing', 'op.closing.propose'],
    ['closing-own', 'op.health.again', 'op.closing.withdraw'],
    ['closing-other', 'op.closing.confirm', 'op.closing.withdraw'],
    ['closing-changed', 'op.closing.propose', 'op.closing.withdraw'],
    ['closing-broken', 'op.closing.finish'],
    ['closing-refused', 'op.health.again'],
    ['closing-done', 'op.published'],
  ]) {
    const { page, end } = await open(name)
    const shown = []
    for (const key of KEYS) if (await page.locator('main').getByRole('button', { name: t[key], exact: true }).count()) shown.push(key)
    assert.deepEqual(shown, expected, name)
    await end()
  }
})

test('what it costs is said in words before anybody agrees', { timeout: 60_000 }, async () => {
  const { page, end } = await open('closing-other')
  const text = await page.locator('main').textContent()
  const said = t['op.closing.spends'].replace('{year}', '2026').replace('{part}', '11.7 %').replace('{left}', '65.0 %')
  assert.ok(text.replaceAll('\u00a0', ' ').includes(said), text)
  await end()
})

test('what another operator proposed stands under Today, in the place of the quarter that may be closed', { timeout: 60_000 }, async () => {
  const { page, end } = await open('closing-asked')
  await page.getByRole('button', { name: t['op.do.closing'], exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Third quarter of 2026' }).waitFor()
  await end()
})

test('whoever confirms reads who proposes, and since when that is an operator', { timeout: 60_000 }, async () => {
  const { page, end } = await open('closing-other')
  const text = await page.locator('main').textContent()
  assert.ok(text.includes('dewi') && text.includes('2025'), text)
  await end()
})
