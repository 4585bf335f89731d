// PAYUNG_DEMO=.../demo.json node bench/first.mjs: until the first useful screen, in a browser that has never been here.
import { demo, launch } from '../tests/lib/browser.mjs'
import { line, LINES, percentile, tell } from './lib.mjs'

const ROUNDS = 3
const GOALS = { '1.6 Mbit/s, 150 ms': 1.5, '400 kbit/s, 400 ms': 3.0 }

const browser = await launch()
for (const [name, goal] of Object.entries(GOALS)) {
  const slow = await line(new URL(demo.pages.counter).origin, LINES[name])
  const times = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    const cpu = await context.newCDPSession(page)
    await cpu.send('Emulation.setCPUThrottlingRate', { rate: 6 })
    const began = performance.now()
    await page.goto(`${slow.url}/counter/`, { waitUntil: 'commit' })
    await page.locator('h1').waitFor({ timeout: 120_000 })
    times.push((performance.now() - began) / 1000)
    await context.close()
  }
  slow.end()
  tell(`first useful screen, ${name}, CPU 6x, median of ${ROUNDS}`, goal, percentile(times, 50), 's')
}
await browser.close()
