// Pictures of every screen, and sheets of them to look at: node tests/sheet.mjs FOLDER [part of "counter known" ...] [--languages en,ru]
// [--widths 320,1280] [--schemes dark]. The pages are built before; the core is a stand-in. Nothing of it is kept in the repository.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { launch } from './lib/browser.mjs'
import { card, operator, show as showOffice } from './lib/office.mjs'
import { screens as counter } from './lib/screens.mjs'
import { serve, show as showCounter } from './lib/stage.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    languages: { type: 'string', default: 'en,id,ru,ky' },
    widths: { type: 'string', default: '320,390,1280' },
    schemes: { type: 'string', default: 'light,dark' },
  },
})
const [folder, ...parts] = positionals
if (!folder) throw new Error('say into which folder')
const out = resolve(folder)
mkdirSync(out, { recursive: true })
const list = (text) => text.split(',')
const heights = { 320: 640, 390: 844, 1280: 800 }

const all = Object.entries({ counter, operator, card })
  .flatMap(([place, screens]) => Object.entries(screens).map(([name, screen]) => ({ place, name, screen })))
  .filter(({ place, name }) => parts.length === 0 || parts.some((part) => `${place} ${name}`.includes(part)))

const browser = await launch(['--allow-file-access-from-files'])
const pages = await serve()
const sheets = new Map()
const show = ({ place, screen }, options) =>
  place === 'counter' ? showCounter(browser, pages.url, screen, options) : showOffice(browser, pages.url, place, screen, options)

for (const language of list(values.languages)) {
  for (const it of all) {
    for (const width of list(values.widths).map(Number)) {
      const viewport = { width, height: heights[width] ?? 800 }
      let shown
      try {
        shown = await show(it, { language, viewport, reducedMotion: 'reduce' })
        for (const colorScheme of list(values.schemes)) {
          await shown.page.emulateMedia({ colorScheme })
          await shown.page.evaluate(() => scrollTo(0, 0))
          const file = join(out, `${it.place}-${it.name}-${width}-${colorScheme}-${language}.png`)
          await shown.page.screenshot({ path: file })
          const sheet = `${it.place}-${width}-${colorScheme}-${language}`
          sheets.set(sheet, [...(sheets.get(sheet) ?? []), { name: it.name, file }])
        }
      } catch (error) {
        console.error(`${it.place} ${it.name} ${width} ${language}: ${String(error).split('\n')[0]}`)
      } finally {
        await shown?.context.close()
      }
    }
  }
}

/** So many on a sheet that each can still be read. */
const MOST = 18
const split = (pictures) =>
  Array.from({ length: Math.ceil(pictures.length / MOST) }, (_, at) => pictures.slice(at * MOST, (at + 1) * MOST))
const page = await browser.newPage()
for (const [name, pictures] of [...sheets].flatMap(([name, all]) => split(all).map((part, at) => [`${name}-${at + 1}`, part]))) {
  const wide = name.includes('-1280-')
  const [columns, size] = wide ? [3, 620] : [6, 300]
  const cells = pictures.map((it) => `<figure>${it.name}<img src="${pathToFileURL(it.file)}"></figure>`).join('')
  const style = `body{margin:8px;background:#888;display:grid;grid-template-columns:repeat(${columns},${size}px);gap:8px;font:14px sans-serif}
    figure{margin:0}img{width:100%;display:block}`
  const file = join(out, `sheet-${name}.html`)
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><style>${style}</style>${cells}`)
  await page.setViewportSize({ width: columns * (size + 8) + 8, height: 600 })
  await page.goto(String(pathToFileURL(file)))
  await page.screenshot({ path: join(out, `sheet-${name}.png`), fullPage: true })
}
await browser.close()
pages.end()
console.log(`${sheets.size} sheets in ${out}`)
