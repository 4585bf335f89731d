// The recorder that all browser tests carry finds what it looks for: a check that never fails proves nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cardText } from './lib/film.mjs'
import { keepCard, keepSecret, record } from './lib/record.mjs'
import { stand } from './lib/stage.mjs'

const card = cardText()
keepCard(card)
keepSecret('alias', 'amber river 417')

const on = stand()

async function does(work, given) {
  const context = await on.browser.newContext()
  const seen = record(context)
  const page = await context.newPage()
  await page.goto(`${on.url}/card/`)
  await page.evaluate(work, given)
  try {
    await seen.check()
  } finally {
    await context.close()
  }
}
const send = (body) => fetch('/v1/anything', { method: 'POST', body }).then(() => undefined)

test('nothing is found where there is nothing', () => does(send, JSON.stringify({ scan: 'sealed' })))

for (const [name, work, given] of [
  ['a card in a body', send, `text ${card}`],
  ['an alias in base64', send, btoa(`{"a":"amber river 417"}`)],
  ['the code of a service', send, JSON.stringify({ service: 'nsp' })],
  ['an alias in an address', (it) => fetch(`/v1/${encodeURIComponent(it)}`).then(() => undefined), 'amber river 417'],
  ['an alias that is stored', (it) => localStorage.setItem('note', it), 'amber river 417'],
  [
    'bytes in a database',
    (it) =>
      new Promise((done) => {
        const opens = indexedDB.open('kept', 1)
        opens.onupgradeneeded = () => opens.result.createObjectStore('kept')
        opens.onsuccess = () => {
          const step = opens.result.transaction('kept', 'readwrite')
          step.objectStore('kept').put(new TextEncoder().encode(it), 'one')
          step.oncomplete = () => done(opens.result.close())
        }
      }),
    'amber river 417',
  ],
]) {
  test(`${name} is found`, () => assert.rejects(does(work, given), /in clear/))
}
