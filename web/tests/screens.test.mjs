// Every screen of every page, in every language and both themes: nothing for a reader's tools to stumble over, nothing wider than a
// small phone at double text size, one heading, one primary action, targets for a thumb.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'

import { card, operator, show as showOffice } from './lib/office.mjs'
import { screens as counter } from './lib/screens.mjs'
import { show as showCounter, stand } from './lib/stage.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LANGUAGES = ['en', 'id', 'ru', 'ky']
/** What can differ between two themes. */
const COLOURS = { runOnly: ['color-contrast'] }
const PHONE = { width: 320, height: 640 }
/** Two at a time: nearly all the time is the browser's. */
const AT_ONCE = { concurrency: 2 }

const on = stand()

const violations = async (page, rules = {}) => {
  const found = await page.evaluate((it) => globalThis.axe.run(document, { resultTypes: ['violations'], ...it }), rules)
  return found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.join(' ')).join(', ')}`)
}
const wider = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

/** What can be pressed and is lower than a thumb needs, as it is written in the page. */
const small = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], select, input:not([type=radio], [type=checkbox]):not(.unseen), label:has(> input)')]
      .filter((it) => it.getBoundingClientRect().height > 0 && it.getBoundingClientRect().height < 47.5)
      .map((it) => it.outerHTML.slice(0, 80)),
  )

/** The longest words, where the page is opened once for its tools and for its width. */
const LONGEST = 'ru'

/** Nothing wider than the phone, at its own size of text and at twice that; everything high enough for a thumb. */
async function fits(page) {
  assert.ok((await wider(page)) <= 0, 'wider than the phone')
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('html { font-size: 200% }')
    document.adoptedStyleSheets = [sheet]
  })
  assert.ok((await wider(page)) <= 0, 'wider than the phone at double size')
  assert.deepEqual(await small(page), [], 'too small for a thumb')
}

/** Asserts of one screen what holds for all; `open` shows it. */
function look(name, open) {
  test(name, { timeout: 180_000 }, async () => {
    for (const [at, language] of LANGUAGES.entries()) {
      const [first, second] = at % 2 === 0 ? ['light', 'dark'] : ['dark', 'light']
      const { context, page } = await open({ language, colorScheme: first, viewport: PHONE, reducedMotion: 'reduce' })
      await page.evaluate(axe)
      assert.deepEqual(await violations(page), [], `${language}, ${first}`)
      await page.emulateMedia({ colorScheme: second })
      assert.deepEqual(await violations(page, COLOURS), [], `${language}, ${second}`)
      assert.equal(await page.locator('h1').count(), 1, 'one heading')
      assert.ok((await page.locator('button.primary:visible').count()) <= 2, 'one primary action, and one of an open form')
      if (language === LONGEST) await fits(page)
      await context.close()
    }
  })
}

describe('counter', AT_ONCE, () => {
  for (const [name, screen] of Object.entries(counter)) {
    look(name, (options) => showCounter(on.browser, on.url, screen, options))
  }
})
for (const [place, screens] of Object.entries({ operator, card })) {
  describe(place, AT_ONCE, () => {
    for (const [name, screen] of Object.entries(screens)) {
      look(name, (options) => showOffice(on.browser, on.url, place, screen, options))
    }
  })
}
