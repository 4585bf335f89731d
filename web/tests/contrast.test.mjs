// Every pair of colours that text is set in has a contrast of at least 4.5 to 1, in both themes (WCAG 2.2, 1.4.3).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const css = readFileSync(new URL('../src/shared/tokens.css', import.meta.url), 'utf8')

/** The colours of one block of the file. */
function colours(selector) {
  const at = css.indexOf(`${selector} {`)
  assert.notEqual(at, -1, selector)
  const block = css.slice(at, css.indexOf('}', at))
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((it) => [it[1], it[2]]))
}

const light = colours(':root')
const byDevice = colours(":root:not([data-theme='light'])")
const dark = colours(":root[data-theme='dark']")

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const grounds = ['paper', 'card', 'wash']
const texts = ['ink', 'quiet', 'accent', 'valid', 'revoked', 'expired', 'unknown', 'stale']
const pairs = [
  ...grounds.flatMap((ground) => texts.map((text) => [text, ground])),
  ['on-accent', 'accent'],
  ...['valid', 'revoked', 'expired', 'unknown', 'stale'].map((it) => ['on-verdict', it]),
  ['paper', 'ink'],
]

for (const [theme, tokens] of Object.entries({ light, dark })) {
  test(`text can be read: ${theme}`, () => {
    for (const [text, ground] of pairs) {
      const ratio = contrast(tokens[text], tokens[ground])
      assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`)
    }
  })
  test(`borders of what can be pressed are seen: ${theme}`, () => {
    for (const ground of grounds) {
      const ratio = contrast(tokens.edge, tokens[ground])
      assert.ok(ratio >= 3, `edge on ${ground}: ${ratio.toFixed(2)}`)
    }
  })
}

test('the dark theme is the same by choice and by device', () => assert.deepEqual(byDevice, dark))
