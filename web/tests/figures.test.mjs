// What the operator's page makes of the service's figures: how far a quarter has come on which day, and what it does without them.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { operator, show } from './lib/office.mjs'
import { stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const on = stand()
const t = words('en')

/** One screen of the page under these figures. */
async function open(figures, screen = operator.figures) {
  const { context, page } = await show(on.browser, on.url, 'operator', { ...screen, stage: { calm: true, figures } })
  return { page, end: () => context.close() }
}
/** The state of each quarter that is not closed, by its name. */
const states = (page) =>
  page.locator('main li.panel:has(ol)').evaluateAll((all) =>
    all.map((it) => `${it.querySelector('h3').textContent}: ${it.querySelector('.state').textContent}`),
  )

test('the calendar says how far a quarter has come', { timeout: 120_000 }, async () => {
  const [fourth, first] = ['Fourth quarter of 2026', 'First quarter of 2027']
  for (const [now, closed, expected] of [
    ['2026-12-31', 1, [`${fourth}: ${t['op.quarter.open']}`]],
    ['2027-01-01', 2, [`${fourth}: ${t['op.quarter.late']}`, `${first}: ${t['op.quarter.open']}`]],
    ['2027-01-29', 2, [`${fourth}: ${t['op.quarter.late']}`, `${first}: ${t['op.quarter.open']}`]],
    ['2027-01-30', 2, [`${fourth}: ${t['op.quarter.may']}`, `${first}: ${t['op.quarter.open']}`]],
    ['2027-01-30', 1, [`${first}: ${t['op.quarter.open']}`]],
    ['2027-04-30', 3, [`${fourth}: ${t['op.quarter.may']}`, `${first}: ${t['op.quarter.after']}`, `Second quarter of 2027: ${t['op.quarter.open']}`]],
  ]) {
    const { page, end } = await open({ now, closed })
    assert.deepEqual(await states(page), expected, now)
    await end()
  }
})

test('before the first closing the programme says which quarter it is', { timeout: 60_000 }, async () => {
  const [third, fourth, first] = ['Third quarter of 2026', 'Fourth quarter of 2026', 'First quarter of 2027']
  for (const [figures, expected] of [
    [{ start: '2026-08-15' }, [`${third}: ${t['op.quarter.may']}`, `${fourth}: ${t['op.quarter.open']}`]],
    [{ start: '2026-11-01' }, [`${fourth}: ${t['op.quarter.open']}`]],
    [{ start: '2027-01-01' }, [`${first}: ${t['op.quarter.open']}`]],
    [{ start: null }, [`${third}: ${t['op.quarter.may']}`, `${fourth}: ${t['op.quarter.open']}`]],
  ]) {
    const { page, end } = await open({ now: '2026-11-12', ...figures })
    assert.deepEqual(await states(page), expected, JSON.stringify(figures))
    await end()
  }
})

test('a quarter that may be closed needs a person, and what nobody can read does not', { timeout: 120_000 }, async () => {
  for (const [figures, needed] of [
    [{ closed: 3 }, true],
    [{ closed: 1 }, false],
    [{}, true],
    [{ start: null }, false],
    [{ start: new Date().toISOString().slice(0, 10) }, false],
    [{ closed: 3, status: 404 }, false],
    [{ closed: 3, status: 503 }, false],
    [{ closed: 3, strange: { period: '2026Q1' } }, false],
    [{ closed: 3, strange: [{ period: '2026Q5', version: 1 }] }, false],
  ]) {
    const { page, end } = await open(figures, operator.today)
    assert.equal(await page.getByRole('button', { name: t['op.do.figures'] }).count(), needed ? 1 : 0, JSON.stringify(figures))
    assert.equal(await page.getByText(t['op.nothing'], { exact: true }).count(), needed ? 0 : 1, JSON.stringify(figures))
    await end()
  }
})

test('an answer that is no list of releases is none, and each file has its address', { timeout: 60_000 }, async () => {
  const strange = await open({ closed: 2, strange: [{ period: '2026Q4', version: '1' }] })
  await strange.page.getByText(t['op.figures.away'], { exact: true }).waitFor()
  await strange.end()
  const { page, end } = await open({ now: '2027-01-12', closed: 2, again: true }, operator.published)
  const links = await page.locator('main a').evaluateAll((all) => all.slice(0, 4).map((it) => it.getAttribute('href')))
  assert.deepEqual(links, [
    '/v1/releases/2026Q3?format=html&language=en&version=1',
    '/v1/releases/2026Q3?version=1',
    '/v1/releases/2026Q2?format=html&language=en&version=2',
    '/v1/releases/2026Q2?version=2',
  ])
  await end()
})
