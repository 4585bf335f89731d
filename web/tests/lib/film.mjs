// Pictures and films of codes, made here: the fake camera of Chromium plays uncompressed films.
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'

import { encodeQR } from 'qr'

const SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

/** A text in the form of a card's code; the core would not know it. */
export const cardText = () => Array.from({ length: 150 }, () => SIGNS[randomInt(SIGNS.length)]).join('')

/** A grey picture, with a code at each place: `{ text, x, y, size }`. */
export function grey(width, height, codes, ground = 110) {
  const pixels = new Uint8Array(width * height).fill(ground)
  for (const { text, x, y, size } of codes) {
    const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 })
    for (let row = 0; row < size; row += 1) {
      const modules = rows[Math.floor((row * rows.length) / size)]
      for (let column = 0; column < size; column += 1) {
        pixels[(y + row) * width + x + column] = modules[Math.floor((column * rows.length) / size)] ? 25 : 225
      }
    }
  }
  return { width, height, pixels }
}

/** A film of one picture, as the fake camera reads it. */
export function film(path, { width, height, pixels }) {
  const colour = Buffer.alloc((width * height) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), pixels, colour])
  writeFileSync(path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F15:1 Ip A1:1 C420\n`), frame, frame]))
}

/** The picture as a PNG. */
export function png({ width, height, pixels }) {
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), ...parts])
}

function chunk(name, body) {
  const out = Buffer.alloc(body.length + 12)
  out.writeUInt32BE(body.length, 0)
  out.write(name, 4, 'latin1')
  body.copy(out, 8)
  out.writeUInt32BE(crc(out.subarray(4, body.length + 8)), body.length + 8)
  return out
}

function crc(bytes) {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}

/** A code as the page draws it, in colours: `path` has a square for each dark module. */
export function drawn({ size, path }, scale = 6) {
  const side = (size + 8) * scale
  const data = new Uint8Array(side * side * 3).fill(255)
  for (const [, x, y, long] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = 0; row < scale; row += 1) {
      const from = ((Number(y) + 4) * scale + row) * side + (Number(x) + 4) * scale
      data.fill(0, from * 3, (from + Number(long) * scale) * 3)
    }
  }
  return { width: side, height: side, data }
}
