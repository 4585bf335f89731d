// Hiding at once, and locking by itself.

/** Calls `hide` when Escape is pressed twice within a second and a half. Answers how to stop. */
export function escapes(hide: () => void): () => void {
  let last = -Infinity
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.repeat) return
    const twice = event.timeStamp - last < 1500
    last = twice ? -Infinity : event.timeStamp
    if (twice) hide()
  }
  addEventListener('keydown', pressed, { capture: true })
  return () => removeEventListener('keydown', pressed, { capture: true })
}

/**
 * Calls `lock` after `ms` without a touch or a key. Time spent asleep counts: it is measured on return. Answers how to stop.
 */
export function idles(lock: () => void, ms = 120_000): () => void {
  let last = Date.now()
  let done = false
  const touch = () => {
    check()
    last = Date.now()
  }
  const check = () => {
    // A clock set back must not keep the page open.
    const passed = Date.now() - last
    if (done || (passed >= 0 && passed < ms)) return
    done = true
    stop()
    lock()
  }
  const timer = setInterval(check, 1000)
  const signs = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const
  for (const sign of signs) addEventListener(sign, touch, { capture: true, passive: true })
  document.addEventListener('visibilitychange', check)
  const stop = () => {
    clearInterval(timer)
    for (const sign of signs) removeEventListener(sign, touch, { capture: true })
    document.removeEventListener('visibilitychange', check)
  }
  return stop
}
