// The text on a picture of a card, as `payung card` draws it: a grey PNG. Read by another decoder than the pages have.
import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'

import decode from 'qr/decode.js'

export const textOf = (path) => decode(picture(readFileSync(path)))

/** Rows of one byte a pixel, each after the name of its filter. */
function picture(png) {
  const parts = [...chunks(png)]
  const head = parts.find((it) => it.name === 'IHDR').body
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  if (head[8] !== 8 || head[9] !== 0 || head[12] !== 0) throw new Error('no grey picture')
  const rows = inflateSync(Buffer.concat(parts.filter((it) => it.name === 'IDAT').map((it) => it.body)))
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  let above = new Uint8Array(width)
  for (let y = 0; y < height; y += 1) {
    const at = y * (width + 1)
    above = unfiltered(rows[at], rows.subarray(at + 1, at + 1 + width), above)
    for (let x = 0; x < width; x += 1) data.fill(above[x], (y * width + x) * 4, (y * width + x) * 4 + 3)
  }
  return { width, height, data }
}

function* chunks(png) {
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    yield { name: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) }
    at += length + 12
  }
}

function unfiltered(filter, row, above) {
  const out = new Uint8Array(row.length)
  for (let x = 0; x < row.length; x += 1) {
    const [left, up, corner] = [out[x - 1] ?? 0, above[x], above[x - 1] ?? 0]
    out[x] = row[x] + [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter]
  }
  return out
}

/** Which of three the slope leads to. */
function nearest(left, up, corner) {
  const slope = left + up - corner
  const [a, b, c] = [left, up, corner].map((it) => Math.abs(slope - it))
  return a <= b && a <= c ? left : b <= c ? up : corner
}
