// Finds the codes in a picture. The small decoder answers until the reader has arrived, which is the one of `payung card read`.
import init, { attempts, texts as read } from '@core/web_reader.js'
import wasm from '@core/web_reader_bg.wasm?url'

export interface Look {
  id: number
  picture: ImageBitmap | ImageData
  /** For a picture that is not taken again: the reader is waited for, and makes this one of its attempts. */
  attempt?: number
}
export interface Seen {
  id: number
  /** Different texts that are in the picture; two are enough to refuse. */
  texts: string[]
  /** How many attempts such a picture wants. */
  attempts: number
  /** The reader fell over the picture and reads nothing more: this worker is to be dropped. */
  broken: boolean
}

/** What is tried on each frame of a film, of which there are many: as it is. */
const FRAME = 0

type Decoder = (image: ImageData) => string[]

let arrived = false
let small: Decoder | undefined

const whenStrong = init({ module_or_path: wasm }).then(() => {
  arrived = true
})

const whenSmall = import('qr/decode.js').then(({ decodeQR }) => {
  small = (image) => {
    const texts: string[] = []
    for (let round = 0; round < 2; round += 1) {
      let place = { x: 0, y: 0, width: 0, height: 0 }
      try {
        const text = decodeQR(image, {
          timeLimit: 60,
          pointsOnDetect: (points) => (place = around(points.outline)),
        })
        texts.push(text)
      } catch {
        break
      }
      // The one that was read is painted over, so that a second one is found.
      blank(image, place)
    }
    return texts
  }
})

const different = (texts: string[]): string[] => [...new Set(texts.filter((it) => it !== ''))]

function around(corners: readonly { x: number; y: number }[]) {
  const xs = corners.map((it) => it.x)
  const ys = corners.map((it) => it.y)
  const x = Math.floor(Math.min(...xs))
  const y = Math.floor(Math.min(...ys))
  return { x, y, width: Math.ceil(Math.max(...xs)) - x, height: Math.ceil(Math.max(...ys)) - y }
}

function blank(image: ImageData, { x, y, width, height }: ReturnType<typeof around>): void {
  const from = Math.max(0, x)
  const to = Math.min(image.width, x + width)
  for (let row = Math.max(0, y); row < Math.min(image.height, y + height); row += 1) {
    image.data.fill(255, (row * image.width + from) * 4, (row * image.width + to) * 4)
  }
}

function pixels(picture: ImageBitmap | ImageData): ImageData {
  if (picture instanceof ImageData) return picture
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no canvas')
  context.drawImage(picture, 0, 0)
  picture.close()
  return context.getImageData(0, 0, canvas.width, canvas.height)
}

async function look({ id, picture, attempt }: Look): Promise<Seen> {
  const seen: Seen = { id, texts: [], attempts: 1, broken: false }
  try {
    if (attempt !== undefined) await whenStrong.catch(() => whenSmall)
    else if (!arrived && !small) await Promise.any([whenStrong, whenSmall])
    const image = pixels(picture)
    if (arrived) {
      seen.attempts = attempts(image.width, image.height)
      const bytes = new Uint8Array(image.data.buffer)
      seen.texts = different(read(bytes, image.width, attempt ?? FRAME))
    } else seen.texts = different(small?.(image) ?? [])
  } catch (thrown) {
    seen.broken = typeof WebAssembly === 'object' && thrown instanceof WebAssembly.RuntimeError
  }
  return seen
}

onmessage = async (event: MessageEvent<Look>): Promise<void> => postMessage(await look(event.data))
