// One camera, opened afresh each time: a stream that slept in the background is black on some phones.

export type Trouble = 'denied' | 'none' | 'busy' | 'failed'

/** Opens the camera into `video`; throws a [`Trouble`]. */
export async function open(video: HTMLVideoElement): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw 'none' satisfies Trouble
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } },
    })
  } catch (thrown) {
    throw trouble(thrown)
  }
  await sharpen(stream)
  video.srcObject = stream
  try {
    await video.play()
  } catch {
    // It plays as soon as the page is seen again; frames are waited for elsewhere.
  }
  return stream
}

/** Stops the camera: its light goes off. */
export function stop(stream: MediaStream | undefined, video?: HTMLVideoElement): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
  if (video) video.srcObject = null
}

function trouble(thrown: unknown): Trouble {
  const name = thrown instanceof DOMException ? thrown.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  return 'failed'
}

/** Asks for continuous focus where the camera knows it. */
async function sharpen(stream: MediaStream): Promise<void> {
  const [track] = stream.getVideoTracks()
  const can = track?.getCapabilities?.() as { focusMode?: string[] } | undefined
  if (!track || !can?.focusMode?.includes('continuous')) return
  const wish = { advanced: [{ focusMode: 'continuous' }] } as unknown as MediaTrackConstraints
  await track.applyConstraints(wish).catch(() => undefined)
}

/** The square in the middle, which is what is seen; each third time the whole picture, for codes at an edge. */
export function cut(video: HTMLVideoElement, round: number): DOMRect {
  const { videoWidth: width, videoHeight: height } = video
  if (round % 3 === 2) return new DOMRect(0, 0, width, height)
  const side = Math.min(width, height)
  return new DOMRect((width - side) / 2, (height - side) / 2, side, side)
}
