// Asks the module that a page loads about every file of `../vectors/verdicts.json`: each verdict must be the one of this
// house's own machine, byte for byte. `cargo xtask test` builds the module and runs this under Node.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { initSync, verifyRelease } from '../../../target/web/web_verify.js'

const here = new URL('.', import.meta.url)
const read = (path) => readFileSync(new URL(path, here))
const published = '../../../release/tests/data/signed/'
const key = read(`${published}key.hex`).toString().trim()

initSync({ module: read('../../../target/web/web_verify_bg.wasm') })

// The stream of `random` in src/tests.rs: xorshift over 32 bits, the lowest byte of each state.
function random(state, length) {
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}

function made(of) {
  const file = of.file && read(published + of.file)
  switch (of.make) {
    case 'file':
    case 'key':
      return file
    case 'cut':
      return file.subarray(0, of.at)
    case 'flip':
      file[of.at] ^= 1 << (of.at % 8)
      return file
    case 'random':
      return Buffer.concat([Buffer.from(of.after), random(of.seed, of.length)])
    case 'repeat':
      return Buffer.from(of.text.repeat(of.times))
  }
  throw new Error(`nobody knows how to make ${JSON.stringify(of)}`)
}

const ask = (of) => verifyRelease(made(of), of.key ?? key)

for (const { verdict, of } of JSON.parse(read('../vectors/verdicts.json'))) {
  test(`${of.length} files: ${verdict}`, () => {
    for (const one of of) assert.equal(ask(one), verdict, JSON.stringify(one))
  })
}

test('a module that was asked for all that answers as before', () => {
  const [{ verdict, of }] = JSON.parse(read('../vectors/verdicts.json'))
  assert.equal(ask(of[0]), verdict)
})
