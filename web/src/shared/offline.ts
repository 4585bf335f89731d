/** Keeps this entrance for times without a network; late, so that the first screen does not wait for it. */
export function keepOffline(place: 'counter' | 'operator' | 'card'): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  setTimeout(() => {
    // Without it everything works while there is a network.
    // A worker is ruled by the folder of its own script, so that folder needs it too.
    for (const scope of [`/${place}/`, '/assets/']) {
      navigator.serviceWorker.register('/sw.js', { scope, updateViaCache: 'none' }).catch(() => undefined)
    }
  }, 1500)
}
