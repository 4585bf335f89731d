// PAYUNG_DEMO=.../demo.json node bench/scan.mjs: from the press on "Scan a card" to the alias, with a camera that plays a film of the
// card at 720p, the real core and the real service.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { demo, launch, pickSite, signIn, tab, verdict } from '../tests/lib/browser.mjs'
import { textOf } from '../tests/lib/cards.mjs'
import { film, grey } from '../tests/lib/film.mjs'
import { line, LINES, percentile, tell } from './lib.mjs'

const ROUNDS = Number(process.env.PAYUNG_ROUNDS ?? 20)
const GOAL = 1

const folder = mkdtempSync(join(tmpdir(), 'film-'))
const path = join(folder, 'card.y4m')
film(path, grey(1280, 720, [{ text: await textOf(demo.cards.known), x: 430, y: 110, size: 420 }]))
const browser = await launch([
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${path}`,
])
const person = demo.people.find((it) => it.provider && !it.invitation)

async function rounds(name, conditions, rate) {
  const slow = await line(new URL(demo.pages.counter).origin, conditions)
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 }, permissions: ['camera'] })
  const page = await context.newPage()
  await page.goto(`${slow.url}/counter/`)
  await signIn(page, person.name, person.password)
  await page.locator('nav').waitFor({ timeout: 120_000 })
  await pickSite(page)
  const cpu = await context.newCDPSession(page)
  await cpu.send('Emulation.setCPUThrottlingRate', { rate })
  const times = []
  // The first one warms the decoder and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    await tab(page, 'nav.scan')
    const button = page.getByRole('button', { name: 'Scan a card', exact: true })
    await button.waitFor()
    const began = performance.now()
    await button.click()
    await verdict(page)
    await page.locator('h1.name').waitFor()
    if (round > 0) times.push((performance.now() - began) / 1000)
  }
  await context.close()
  slow.end()
  for (const of of [50, 95]) tell(`scan to alias, warm, ${name}, CPU ${rate}x, p${of} of ${ROUNDS}`, GOAL, percentile(times, of), 's')
}

for (const [name, conditions] of Object.entries(LINES)) await rounds(name, conditions, name === 'as it is' ? 1 : 6)
await browser.close()
rmSync(folder, { recursive: true })
