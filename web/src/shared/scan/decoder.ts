// The page's end of the decoder: one worker, made when it is needed and dropped when everything must be forgotten.
import type { Look, Seen } from './decode.worker.ts'

/** Longest side that is looked at in a picture: codes of a card are found well below it. */
const LONGEST = 2400

let worker: Worker | undefined
let last = 0
const waits = new Map<number, (texts: string[]) => void>()

/** Starts it, so that the first look need not wait. */
export function warm(): Worker {
  if (worker) return worker
  const it = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
  it.onmessage = (event: MessageEvent<Seen>) => {
    waits.get(event.data.id)?.(event.data.texts)
    waits.delete(event.data.id)
  }
  it.onerror = () => forget()
  worker = it
  return it
}

/** Drops the worker, with whatever pictures it still holds. */
export function forget(): void {
  worker?.terminate()
  worker = undefined
  for (const answer of waits.values()) answer([])
  waits.clear()
}

/** The different texts in a picture, at most a few. */
export function look(picture: ImageBitmap | ImageData, patient = false): Promise<string[]> {
  const it = warm()
  const id = ++last
  return new Promise((resolve) => {
    waits.set(id, resolve)
    it.postMessage({ id, picture, patient } satisfies Look, picture instanceof ImageData ? [picture.data.buffer] : [picture])
  })
}

/** As [`look`], of a source that the worker may not be able to draw. */
export async function lookAt(source: CanvasImageSource & ImageBitmapSource, cut: DOMRect, patient = false): Promise<string[]> {
  const scale = Math.min(1, LONGEST / Math.max(cut.width, cut.height))
  const width = Math.round(cut.width * scale)
  const height = Math.round(cut.height * scale)
  if (typeof OffscreenCanvas === 'function') {
    const resize = scale < 1 ? { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' as const } : {}
    return look(await createImageBitmap(source, cut.x, cut.y, cut.width, cut.height, resize), patient)
  }
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) return []
  context.drawImage(source, cut.x, cut.y, cut.width, cut.height, 0, 0, width, height)
  return look(context.getImageData(0, 0, width, height), patient)
}

/** The texts in a picture file; throws when the browser cannot open it. */
export async function lookInto(file: Blob): Promise<string[]> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const { width, height } = bitmap
  try {
    return await lookAt(bitmap, new DOMRect(0, 0, width, height), true)
  } finally {
    bitmap.close()
  }
}
