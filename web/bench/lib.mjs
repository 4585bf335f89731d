// What the benches share: a slow line, percentiles, and one line a goal. Timings are for people to read, never a test.
import { connect, createServer } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** Lines that the goals name; the whole origin is slow, so that workers share the line with the page. */
export const LINES = {
  'as it is': {},
  '1.6 Mbit/s, 150 ms': { bits: 1_600_000, delay: 150 },
  '400 kbit/s, 400 ms': { bits: 400_000, delay: 400 },
}

/** A line to `target` that is slow in both directions; `delay` is there and back. */
export async function line(target, { bits = Infinity, delay = 0 }) {
  const { hostname, port } = new URL(target)
  const sockets = new Set()
  const free = { down: 0, up: 0 }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to, way] of [[near, far, 'up'], [far, near, 'down']]) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('end', () => after(free[way] - Date.now() + delay / 2, () => to.end()))
      from.on('close', () => sockets.delete(from))
      from.on('data', (bytes) => {
        const now = Date.now()
        free[way] = Math.max(now, free[way]) + (bytes.length * 8 * 1000) / bits
        after(free[way] - now + delay / 2, () => to.writable && to.write(bytes))
      })
    }
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    end() {
      server.close()
      for (const it of sockets) it.destroy()
    },
  }
}

const after = (ms, act) => (ms > 0.5 ? setTimeout(act, ms) : act())

export const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length
export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length

/** The value below which so many of a hundred lie. */
export function percentile(values, of) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil((of / 100) * sorted.length) - 1)]
}

/** Goal beside value. */
export function tell(what, goal, value, unit, met = value <= goal) {
  const text = (number) => `${Number.isInteger(number) ? number : number.toFixed(2)} ${unit}`
  console.log(`${met ? 'met   ' : 'MISSED'}  ${what.padEnd(58)} goal ${text(goal).padEnd(10)} is ${text(value)}`)
}
