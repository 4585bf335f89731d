// The page's end of the decoder: one worker, made when it is needed and dropped when everything must be forgotten.
import type { Look, Seen } from './decode.worker.ts'

/** Longest side that is looked at in a picture: codes of a card are found well below it. */
const LONGEST = 2400
/** How long a picture may take: one that shows thousands of corners and no code keeps a reader busy for minutes. */
const PATIENCE_MS = 30_000

type Found = Pick<Seen, 'texts' | 'attempts'>

const NOTHING: Found = { texts: [], attempts: 0 }

let worker: Worker | undefined
let last = 0
/** Rises with each [`forget`]: what began before it ends there. */
let round = 0
const waits = new Map<number, (found: Found) => void>()

/** Starts it, so that the first look need not wait. */
export function warm(): Worker {
  if (worker) return worker
  const it = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
  it.onmessage = (event: MessageEvent<Seen>) => {
    waits.get(event.data.id)?.(event.data)
    waits.delete(event.data.id)
    if (event.data.broken) drop()
  }
  it.onerror = drop
  worker = it
  return it
}

/** Drops the worker, with whatever pictures it still holds, and ends what it was asked. */
export function forget(): void {
  round += 1
  drop()
}

/** Drops the worker alone: the next look makes it anew. */
function drop(): void {
  worker?.terminate()
  worker = undefined
  for (const answer of waits.values()) answer(NOTHING)
  waits.clear()
}

/** What one look at a picture finds: at a frame of a film, or in one attempt at a picture that is not taken again. */
function look(picture: ImageBitmap | ImageData, attempt?: number): Promise<Found> {
  const it = warm()
  const id = ++last
  return new Promise((resolve) => {
    waits.set(id, resolve)
    const message: Look = attempt === undefined ? { id, picture } : { id, picture, attempt }
    it.postMessage(message, picture instanceof ImageData ? [picture.data.buffer] : [picture])
  })
}

/** The different texts in a frame of a film, at most a few. */
export async function lookAt(source: CanvasImageSource & ImageBitmapSource, cut: DOMRect): Promise<string[]> {
  return (await lookOnce(source, cut)).texts
}

/** As [`look`], of a source that the worker may not be able to draw. */
async function lookOnce(source: CanvasImageSource & ImageBitmapSource, cut: DOMRect, attempt?: number): Promise<Found> {
  const scale = Math.min(1, LONGEST / Math.max(cut.width, cut.height))
  const width = Math.round(cut.width * scale)
  const height = Math.round(cut.height * scale)
  if (typeof OffscreenCanvas === 'function') {
    const resize = scale < 1 ? { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' as const } : {}
    return look(await createImageBitmap(source, cut.x, cut.y, cut.width, cut.height, resize), attempt)
  }
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) return NOTHING
  context.drawImage(source, cut.x, cut.y, cut.width, cut.height, 0, 0, width, height)
  return look(context.getImageData(0, 0, width, height), attempt)
}

/**
 * The different texts in a picture file; throws when the browser cannot open it. All attempts are made, also after one found a code:
 * another may find a second one. When they do not come to their end, nothing was found.
 */
export async function lookInto(file: Blob): Promise<string[]> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const cut = new DOMRect(0, 0, bitmap.width, bitmap.height)
  const mine = round
  const patience = setTimeout(forget, PATIENCE_MS)
  try {
    const texts = new Set<string>()
    for (let attempt = 0, wanted = 1; attempt < wanted && mine === round; attempt += 1) {
      const found = await lookOnce(bitmap, cut, attempt)
      wanted = Math.max(wanted, found.attempts)
      for (const text of found.texts) texts.add(text)
    }
    return mine === round ? [...texts] : []
  } finally {
    clearTimeout(patience)
    bitmap.close()
  }
}
