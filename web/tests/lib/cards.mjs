// The text on a picture of a card.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const wasmBinary = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
let ready

export async function textOf(picture) {
  ready ??= prepareZXingModule({ overrides: { wasmBinary: wasmBinary.buffer.slice(wasmBinary.byteOffset, wasmBinary.byteOffset + wasmBinary.length) }, fireImmediately: true })
  await ready
  const [found] = await readBarcodes(new Uint8Array(readFileSync(picture)), { formats: ['QRCode'], tryHarder: true })
  return found?.text
}
