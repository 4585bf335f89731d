// Every vector of `crypto/vectors` in a browser: `crypto` compiled as the pages' core is, under the pages' own policy, in a worker as
// there. Its module lies beside the pages for this test alone. How many cases each file has is said once, in `cases.json`; the tests of
// `crypto` hold this machine to the same numbers, and to the same digits that may not change.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { stand } from './lib/stage.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const FOLDER = at('../../crypto/vectors/')
const NOT_VECTORS = ['README.md', 'cases.json']

const on = stand({
  '/vectors/worker.js': at('lib/vectors-worker.js'),
  '/vectors/web_vectors.js': at('../../target/web/web_vectors.js'),
  '/vectors/web_vectors_bg.wasm': at('../../target/web/web_vectors_bg.wasm'),
})
const read = (name) => readFileSync(FOLDER + name, 'utf8')
const cases = JSON.parse(read('cases.json'))

const faults = []
/** A page of the pages, with the worker in it; opened once. */
let opened
async function open() {
  const page = await (await on.browser.newContext({ serviceWorkers: 'block' })).newPage()
  page.on('console', (it) => it.type() === 'error' && faults.push(it.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(`${on.url}/card/`)
  await page.evaluate(() => {
    const worker = new Worker('/vectors/worker.js', { type: 'module' })
    globalThis.check = (name, text) =>
      new Promise((done, fail) => {
        worker.onmessage = ({ data }) => done(data)
        worker.onerror = () => fail(new Error('the worker does not run'))
        worker.postMessage([name, text])
      })
  })
  return page
}

/** `{ held }` cases, `{ refused }` with the reason, or `{ trapped }`. */
async function check(name, text) {
  const page = await (opened ??= open())
  return page.evaluate(([name, text]) => globalThis.check(name, text), [name, text])
}

/** The file with another first digit of the text that this JSON pointer names. */
function spoilt(name, pointer) {
  const file = JSON.parse(read(name))
  const path = pointer.slice(1).split('/')
  const last = path.pop()
  const holder = path.reduce((value, key) => value[key], file)
  const digits = holder[last]
  assert.match(digits, /^[0-9a-f,]+$/, `${name}${pointer}`)
  holder[last] = (digits.startsWith('0') ? '1' : '0') + digits.slice(1)
  return JSON.stringify(file)
}

test('every file of vectors is checked here', () => {
  const names = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => `${it.parentPath}/${it.name}`.replace(/\/+/g, '/').slice(FOLDER.length))
    .filter((name) => !NOT_VECTORS.includes(name))
  assert.deepEqual(names.sort(), Object.keys(cases).sort())
})

for (const [name, { cases: count, spoil }] of Object.entries(cases)) {
  test(`${name}: ${count} cases hold, and no digit may change`, { timeout: 60_000 }, async () => {
    assert.ok(count > 0 && spoil.length > 0)
    assert.deepEqual(await check(name, read(name)), { held: count })
    for (const pointer of spoil) {
      const { refused } = await check(name, spoilt(name, pointer))
      assert.ok(refused?.startsWith(`${name}: `), `${pointer}: ${refused}`)
    }
    // Whoever refused is as whole as before.
    assert.deepEqual(await check(name, read(name)), { held: count })
  })
}

test('what nobody knows is refused', async () => {
  assert.match((await check('cases.json', read('cases.json'))).refused, /nobody knows/)
  assert.match((await check('card.json', 'not JSON')).refused, /not JSON/)
})

test('the page had no errors', () => assert.deepEqual(faults, []))

test('nothing of it lies among the pages', () => {
  const pages = process.env.PAYUNG_PAGES ?? at('../../target/pages/')
  const files = readdirSync(pages, { recursive: true, withFileTypes: true }).filter((it) => it.isFile())
  const holds = (path) => readFileSync(path).includes('checkVectors')
  assert.ok(holds(at('../../target/web/web_vectors_bg.wasm')))
  assert.ok(files.some((it) => it.name.endsWith('.wasm')))
  const found = files.filter((it) => holds(`${it.parentPath}/${it.name}`))
  assert.deepEqual(found.map((it) => it.name), [])
})
