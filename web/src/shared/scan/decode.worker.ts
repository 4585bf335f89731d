// Finds the codes in a picture. The small decoder answers until the strong one has arrived; neither comes from elsewhere.
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

export interface Look {
  id: number
  picture: ImageBitmap | ImageData
  /** Wait for the strong decoder: for a picture that is not taken again. */
  patient: boolean
}
export interface Seen {
  id: number
  /** Different texts that are in the picture; two are enough to refuse. */
  texts: string[]
}

type Decoder = (image: ImageData) => Promise<string[]>

let strong: Decoder | undefined
let small: Decoder | undefined

const whenStrong = import('zxing-wasm/reader').then(async ({ prepareZXingModule, readBarcodes }) => {
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true })
  strong = async (image) => {
    const found = await readBarcodes(image, {
      formats: ['QRCode'],
      maxNumberOfSymbols: 3,
      tryHarder: true,
      tryInvert: false,
    })
    return different(found.map((it) => it.text))
  }
})

const whenSmall = import('qr/decode.js').then(({ decodeQR }) => {
  small = async (image) => {
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
    return different(texts)
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

async function look({ id, picture, patient }: Look): Promise<Seen> {
  try {
    if (patient) await whenStrong.catch(() => whenSmall)
    else if (!strong && !small) await Promise.any([whenStrong, whenSmall])
    const decode = strong ?? small
    return { id, texts: decode ? await decode(pixels(picture)) : [] }
  } catch {
    return { id, texts: [] }
  }
}

onmessage = async (event: MessageEvent<Look>): Promise<void> => postMessage(await look(event.data))
