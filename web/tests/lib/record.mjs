// What a network and a disk get to see: every request and answer of the tests is kept, and what is stored is read out at the end.
// None of it may hold a card, an alias, the code of a service, a note or a password.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { words } from './words.mjs'

const BASE45 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
/** Bytes of a card that are its secret. */
const SECRET = 16

/** What is looked for, by what it is. */
const secrets = new Map()
for (const key of Object.keys(words('en'))) {
  const code = /^service\.(.+)$/.exec(key)?.[1]
  // Short codes come by chance in what is sealed, and one is part of a role's name: these are looked for as JSON writes them.
  const short = code && (code.length < 7 || code === 'outreach')
  if (code && code !== 'other') secrets.set(`service ${code}`, [Buffer.from(short ? `"${code}"` : code)])
}

/** From now on nothing may hold this text, written plainly or in one of the usual codes. */
export function keepSecret(what, text) {
  if (!text || secrets.has(`${what} ${text}`)) return
  secrets.set(`${what} ${text}`, [Buffer.from(text, 'utf16le'), Buffer.from(encodeURIComponent(text)), ...coded(Buffer.from(text))])
}

/** A card: its text, and the secret in it. */
export function keepCard(text) {
  keepSecret('card', text)
  keepSecret('card', text.slice(0, 24))
  if (!secrets.has(`secret ${text}`)) secrets.set(`secret ${text}`, coded(bytesOf(text).subarray(0, SECRET)))
}

const bytesOf = (text) =>
  Buffer.from(
    text.match(/.{3}/gs).flatMap((three) => {
      const [a, b, c] = [...three].map((sign) => BASE45.indexOf(sign))
      const number = a + b * 45 + c * 2025
      return [number >> 8, number & 255]
    }),
  )

/** The bytes themselves, in hexadecimal, and in base64 wherever they begin. */
function coded(bytes) {
  const forms = [bytes, Buffer.from(bytes.toString('hex'))]
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replaceAll('=', '')
    // The first and the last signs depend on what is beside.
    const inner = text.slice(before === 0 ? 0 : before + 1, -1)
    if (inner.length >= 10) forms.push(Buffer.from(inner), Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_')))
  }
  return forms
}

/** Keeps what a context sends and gets, addresses and headers included. */
export function record(context) {
  const kept = []
  const waits = []
  context.on('request', (it) => {
    if (/^(data|blob):/.test(it.url())) return
    kept.push(Buffer.from(`${it.method()} ${it.url()}\n${JSON.stringify(it.headers())}`))
    const body = it.postDataBuffer()
    if (body) kept.push(body)
  })
  context.on('response', (it) => {
    if (!/\/v1\//.test(it.url())) return
    const took = it.body().then((body) => kept.push(body))
    waits.push(took.catch(() => undefined))
  })
  return {
    kept,
    /** Fails when one of the secrets is in what was sent, got or stored. */
    async check() {
      for (const page of context.pages()) for (const stored of await dump(page)) kept.push(stored)
      assert.deepEqual(await context.cookies(), [], 'no cookie')
      await Promise.all(waits)
      clear(kept, 'sent or stored')
    },
  }
}

/** No folder of the browser holds any of it either; but the pages' own files, which lie there too, name all services. */
export function checkFolder(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
  clear(
    files.filter((it) => statSync(it, { throwIfNoEntry: false })?.isFile()).map((it) => readFileSync(it)),
    'on the disk',
    (what) => !what.startsWith('service '),
  )
}

function clear(all, where, counts = () => true) {
  const holds = (forms) => all.some((it) => forms.some((form) => it.includes(form)))
  const found = [...secrets].flatMap(([what, forms]) => (counts(what) && holds(forms) ? [what] : []))
  assert.deepEqual(found, [], `${where} in clear`)
}

/** Everything that the page's origin stores, as bytes. */
async function dump(page) {
  if (!/^https?:/.test(page.url())) return []
  const texts = await page.evaluate(async () => {
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
    const answered = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)))
    const write = (value) => {
      if (value instanceof CryptoKey) return
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        let text = ''
        for (const byte of bytes) text += String.fromCharCode(byte)
        found.push(text)
      } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(write)
      else found.push(String(value))
    }
    for (const { name } of await indexedDB.databases()) {
      const base = await answered(indexedDB.open(name))
      for (const store of base.objectStoreNames) {
        const open = base.transaction(store).objectStore(store)
        const [keys, values] = await Promise.all([answered(open.getAllKeys()), answered(open.getAll())])
        write(keys)
        write(values)
      }
      base.close()
    }
    return found
  })
  return texts.map((it) => Buffer.from(it, 'latin1'))
}
