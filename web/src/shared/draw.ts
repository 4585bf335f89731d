import { encodeQR } from 'qr'
import type { Picture } from './picture.ts'

/** A text as a QR symbol (ISO/IEC 18004), drawn where the page is: nothing of the text leaves it. */
export function draw(text: string, level: 'medium' | 'quartile'): Picture {
  // The encoder wants a border; the page draws its own.
  const bordered = encodeQR(text, 'raw', { ecc: level, border: 1 })
  const rows = bordered.slice(1, -1).map((row) => row.slice(1, -1))
  let path = ''
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue
      const from = x
      while (row[x + 1]) x += 1
      path += `M${from} ${y}h${x - from + 1}v1h${from - x - 1}z`
    }
  }
  return { size: rows.length, path }
}
