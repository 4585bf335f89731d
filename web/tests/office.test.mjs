// Every screen of the operator and of the client's card, as tests/screens.test.mjs does for the counter: in every language and both
// themes nothing for a reader's tools to stumble over, nothing wider than a small phone at double text size, targets for a thumb.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'

import { launch } from './lib/browser.mjs'
import { card, operator, show } from './lib/office.mjs'
import { serve } from './lib/stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PHONE = { width: 320, height: 640 }

let browser
let pages
before(async () => {
  browser = await launch()
  pages = await serve()
})
after(async () => {
  await browser?.close()
  pages?.end()
})

const violations = async (page) => {
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

for (const [place, screens] of Object.entries({ operator, card })) {
  for (const [name, screen] of Object.entries(screens)) {
    test(`${place} ${name}: languages and themes`, { timeout: 120_000 }, async () => {
      for (const [at, language] of ['en', 'id', 'ru', 'ky'].entries()) {
        const [first, second] = at % 2 === 0 ? ['light', 'dark'] : ['dark', 'light']
        const { context, page } = await show(browser, pages.url, place, screen, { language, colorScheme: first, viewport: PHONE })
        assert.deepEqual(await violations(page), [], `${language}, ${first}`)
        await page.emulateMedia({ colorScheme: second })
        assert.deepEqual(await violations(page), [], `${language}, ${second}`)
        assert.equal(await page.locator('h1').count(), 1, 'one heading')
        await context.close()
      }
    })

    test(`${place} ${name}: double text on a small phone`, { timeout: 60_000 }, async () => {
      const { context, page } = await show(browser, pages.url, place, screen, { language: 'ru', viewport: PHONE })
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok((await wide()) <= 0, 'wider than the phone')
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync('html { font-size: 200% }')
        document.adoptedStyleSheets = [sheet]
      })
      assert.ok((await wide()) <= 0, 'wider than the phone at double size')
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, a[href], select')]
          .filter((it) => it.getBoundingClientRect().height > 0 && it.getBoundingClientRect().height < 47.5)
          .map((it) => it.outerHTML.slice(0, 80)),
      )
      assert.deepEqual(small, [], 'too small for a thumb')
      await context.close()
    })
  }
}
