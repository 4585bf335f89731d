// `node brotli.mjs FOLDER`: beside every file that shrinks by it, a twin compressed by brotli, which the service sends instead.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: node brotli.mjs FOLDER')

const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).sort()
for (const file of files) {
  if (!statSync(file).isFile() || file.endsWith('.br') || /\.(png|woff2)$/.test(file)) continue
  const bytes = readFileSync(file)
  const options = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  const small = brotliCompressSync(bytes, { params: options })
  if (small.length < bytes.length * 0.95) writeFileSync(`${file}.br`, small)
}
