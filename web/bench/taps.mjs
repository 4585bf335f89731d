// PAYUNG_DEMO=.../demo.json node bench/taps.mjs: presses for what is done every day, counted as the page hears them; and how fast it
// hides.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { demo, enter, launch, tab, verdict } from '../tests/lib/browser.mjs'
import { textOf } from '../tests/lib/cards.mjs'
import { film, grey } from '../tests/lib/film.mjs'
import { tell } from './lib.mjs'

const folder = mkdtempSync(join(tmpdir(), 'film-'))

/** A device at the scan screen, whose camera sees this card. */
async function at(person, card, work) {
  const path = join(folder, `${person.name}.y4m`)
  film(path, grey(1280, 720, [{ text: await textOf(card), x: 430, y: 110, size: 420 }]))
  const browser = await launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${path}`,
  ])
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, permissions: ['camera'] })
  const page = await context.newPage()
  await enter(page, person)
  await tab(page, 'nav.scan')
  await page.evaluate(() => {
    globalThis.taps = 0
    addEventListener('click', (event) => event.isTrusted && (globalThis.taps += 1), { capture: true })
  })
  await work(page, (name) => page.getByRole('button', { name, exact: true }).first().click())
  await browser.close()
}
const taps = (page) => page.evaluate(() => globalThis.taps)

const staff = demo.people.filter((it) => it.provider && !it.invitation)
const [home, away] = staff

await at(home, demo.cards.known, async (page, press) => {
  await press('Scan a card')
  await verdict(page)
  await press('Same as last time')
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  tell('repeat check-in', 2, await taps(page), 'taps')
  const began = performance.now()
  await press('Hide')
  await page.getByRole('heading', { name: 'Notes' }).waitFor()
  tell('hide', 300, Math.round(performance.now() - began), 'ms')
})
await at(away, demo.cards.new_at_other, async (page, press) => {
  await press('Scan a card')
  await verdict(page)
  await press('Enrol')
  await press('Kits')
  await press('Save')
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  tell('enrol', 4, await taps(page), 'taps')
})
rmSync(folder, { recursive: true })
