// Every screen of the counter, in every language and both themes: nothing for a reader's tools to stumble over, nothing wider than
// a small phone at double text size, one heading, one primary action, targets for a thumb.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'

import { launch } from './lib/browser.mjs'
import { screens } from './lib/screens.mjs'
import { serve, show } from './lib/stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LANGUAGES = ['en', 'id', 'ru', 'ky']
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

for (const [name, screen] of Object.entries(screens)) {
  test(`${name}: languages and themes`, { timeout: 120_000 }, async () => {
    for (const [at, language] of LANGUAGES.entries()) {
      const colorScheme = at % 2 === 0 ? 'light' : 'dark'
      const { context, page } = await show(browser, pages.url, screen, { language, colorScheme, viewport: PHONE, reducedMotion: 'reduce' })
      assert.deepEqual(await violations(page), [], `${language}, ${colorScheme}`)
      await page.emulateMedia({ colorScheme: colorScheme === 'light' ? 'dark' : 'light' })
      assert.deepEqual(await violations(page), [], `${language}, the other theme`)
      assert.equal(await page.locator('h1').count(), 1, 'one heading')
      assert.ok((await page.locator('button.primary:visible').count()) <= 2, 'one primary action, and one of an open form')
      await context.close()
    }
  })

  test(`${name}: double text on a small phone`, { timeout: 60_000 }, async () => {
    const { context, page } = await show(browser, pages.url, screen, { language: 'ru', viewport: PHONE })
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok((await wide()) <= 0, 'wider than the phone')
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync('html { font-size: 200% }')
      document.adoptedStyleSheets = [sheet]
    })
    assert.ok((await wide()) <= 0, 'wider than the phone at double size')
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, a[href], select, input:not([type=radio]):not(.unseen)')]
        .filter((it) => it.getBoundingClientRect().height > 0 && it.getBoundingClientRect().height < 47.5)
        .map((it) => it.outerHTML.slice(0, 80)),
    )
    assert.deepEqual(small, [], 'too small for a thumb')
    await context.close()
  })
}
