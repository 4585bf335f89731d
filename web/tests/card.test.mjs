// The client's phone: a card is kept, shown and forgotten; and every way in which a code is read.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { launch } from './lib/browser.mjs'
import { cardText, film, grey, png } from './lib/film.mjs'
import { stand } from './lib/stage.mjs'
import { words } from './lib/words.mjs'

const t = words('en')
const text = cardText()
const other = cardText()
const one = grey(1280, 720, [{ text, x: 430, y: 110, size: 420 }])
const two = grey(1280, 720, [
  { text, x: 300, y: 200, size: 320 },
  { text: other, x: 660, y: 200, size: 320 },
])

let folder
const on = stand()
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'film-'))
})
after(() => rmSync(folder, { recursive: true }))

const press = (page, key) => page.getByRole('button', { name: t[key], exact: true }).click()

/** A phone at the scan screen; `end` asserts that the page had no errors and asked nobody else. */
async function open(eye = on.browser, options = {}) {
  const context = await eye.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB', ...options })
  const faults = []
  context.on('weberror', (it) => faults.push(it.error().message))
  context.on('console', (it) => it.type() === 'error' && faults.push(it.text()))
  context.on('request', (it) => {
    if (!it.url().startsWith(on.url) && !/^(data|blob):/.test(it.url())) faults.push(it.url())
  })
  const page = await context.newPage()
  await page.goto(`${on.url}/card/`)
  await press(page, 'card.keep')
  const end = async () => {
    await context.close()
    assert.deepEqual(faults, [])
  }
  return { context, page, end }
}

async function give(page, picture) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(page, 'scan.picture')])
  await chooser.setFiles({ name: 'p.png', mimeType: 'image/png', buffer: png(picture) })
}

const kept = (page) => page.getByRole('heading', { name: t['card.kept'], exact: true }).waitFor({ timeout: 10_000 })

/** With a camera that sees this picture. */
async function filmed(name, picture, then) {
  const path = join(folder, `${name}.y4m`)
  film(path, picture)
  const eye = await launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${path}`,
  ])
  try {
    const it = await open(eye, { permissions: ['camera'] })
    await then(it.page)
    await it.end()
  } finally {
    await eye.close()
  }
}

test('a picture of the card is enough, and what is shown is the card', async () => {
  const first = await open()
  await give(first.page, one)
  await kept(first.page)
  await press(first.page, 'card.show')
  const shown = await first.page.getByRole('img', { name: t['card.code'] }).screenshot()

  // Another phone reads it off this screen.
  const second = await open()
  const [chooser] = await Promise.all([second.page.waitForEvent('filechooser'), press(second.page, 'scan.picture')])
  await chooser.setFiles({ name: 'p.png', mimeType: 'image/png', buffer: shown })
  await kept(second.page)
  await press(second.page, 'card.show')
  const path = (page) => page.getByRole('img', { name: t['card.code'] }).locator('path').getAttribute('d')
  assert.equal(await path(second.page), await path(first.page))
  await first.end()
  await second.end()
})

test('the camera reads the card, and is off afterwards', () =>
  filmed('one', one, async (page) => {
    await kept(page)
    assert.equal(await page.locator('video').count(), 0)
  }))

test('two codes in view are refused, by the camera and in a picture', async () => {
  await filmed('two', two, async (page) => {
    await page.getByText(t['scan.two']).waitFor({ timeout: 10_000 })
    await page.waitForTimeout(2000)
    assert.equal(await page.getByRole('heading', { name: t['card.kept'] }).count(), 0)
  })
  const it = await open()
  await give(it.page, two)
  await it.page.getByText(t['scan.two']).waitFor()
  await it.end()
})

test('without a camera the picture is offered in words; a poster is not a card', async () => {
  const it = await open()
  await it.page.getByText(/Nothing is lost/).waitFor()
  await give(it.page, grey(400, 400, [{ text: 'https://example.org/', x: 50, y: 50, size: 300 }]))
  await it.page.getByText(t['card.wrong']).waitFor()
  await give(it.page, grey(400, 400, []))
  await it.page.getByText(t['scan.none']).waitFor()
  await it.end()
})

test('a typed code is counted; a hand scanner works under a Cyrillic keyboard', async () => {
  const it = await open()
  await press(it.page, 'scan.type')
  await it.page.getByLabel(t['scan.type.label']).fill(text.slice(0, 40))
  await press(it.page, 'scan.type.submit')
  await it.page.getByText(/150 signs; this has 40/).waitFor()
  await press(it.page, 'scan.type')
  await it.page.evaluate(type, text)
  await kept(it.page)
  await press(it.page, 'card.show')
  await it.page.getByRole('img', { name: t['card.code'] }).waitFor()
  await it.end()
})

/** As a hand scanner does it: the places of the keys on a US keyboard, and what a Russian one makes of them. */
function type(code) {
  const cyrillic = 'фисвуапршолдьтщзйкыегмцчня'
  const marks = {
    ' ': ['Space', false], $: ['Digit4', true], '%': ['Digit5', true], '*': ['Digit8', true], '+': ['Equal', true],
    '-': ['Minus', false], '.': ['Period', false], '/': ['Slash', false], ':': ['Semicolon', true],
  }
  const russian = { '.': 'ю', '/': '.', ':': 'Ж', $: ';', '%': '%', '*': '*', '+': '+', '-': '-', ' ': ' ' }
  let at = performance.now()
  const send = (key, place, shiftKey) => {
    const event = new KeyboardEvent('keydown', { key, code: place, shiftKey, bubbles: true, cancelable: true })
    // As fast as a scanner is, however busy this machine.
    at += 5
    Object.defineProperty(event, 'timeStamp', { value: at })
    document.body.dispatchEvent(event)
  }
  for (const sign of code) {
    if (/[A-Z]/.test(sign)) send(cyrillic[sign.charCodeAt(0) - 65].toUpperCase(), `Key${sign}`, true)
    else if (/\d/.test(sign)) send(sign, `Digit${sign}`, false)
    else send(russian[sign], ...marks[sign])
  }
  send('Enter', 'Enter', false)
}

test('the card closes itself, hides at once, and can be taken off', async () => {
  const it = await open()
  await give(it.page, one)
  await kept(it.page)
  await it.page.clock.install()
  await press(it.page, 'card.show')
  await it.page.getByText(/Closes in/).waitFor()
  await it.page.clock.runFor(61_000)
  await kept(it.page)
  await press(it.page, 'card.show')
  // In one go: a busy machine may take longer than anybody between two presses.
  await it.page.evaluate(() => {
    for (let at = 0; at < 2; at += 1) dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  })
  await it.page.getByRole('heading', { name: t['hidden.title'], exact: true }).waitFor()
  assert.equal(await it.page.title(), 'Notes')
  // Gone from the page, too.
  await it.page.locator('path').first().waitFor({ state: 'detached', timeout: 5_000 })
  await press(it.page, 'hidden.open')
  await press(it.page, 'card.remove')
  await press(it.page, 'undo')
  await kept(it.page)
  await press(it.page, 'card.remove')
  await it.page.getByRole('heading', { name: t['card.empty'], exact: true }).waitFor()
  await it.end()
})

test('it works without a network, and the code does not lie in the open', async () => {
  const it = await open()
  await give(it.page, one)
  await kept(it.page)
  await it.page.evaluate(() => navigator.serviceWorker.ready)
  // A client's phone keeps nothing that only staff need.
  const files = await it.page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
    return all.flat().map((request) => request.url)
  })
  assert.ok(files.length > 5)
  assert.deepEqual(files.filter((it) => /web_core|counter|operator/.test(it)), [])
  await it.context.setOffline(true)
  await it.page.reload()
  await kept(it.page)
  await press(it.page, 'card.show')
  await it.page.getByRole('img', { name: t['card.code'] }).waitFor()
  const stored = await it.page.evaluate(async () => {
    const found = []
    for (const { name } of await indexedDB.databases()) {
      const base = await new Promise((done) => (indexedDB.open(name).onsuccess = (event) => done(event.target.result)))
      for (const store of base.objectStoreNames) {
        const all = await new Promise((done) => {
          base.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result)
        })
        for (const value of all.flatMap((entry) => Object.values(entry))) {
          found.push(value instanceof CryptoKey ? `key ${value.extractable}` : new TextDecoder('latin1').decode(value))
        }
      }
    }
    return found
  })
  assert.ok(stored.includes('key false'))
  assert.ok(stored.every((it) => !it.includes(text.slice(0, 12))))
  await it.end()
})
