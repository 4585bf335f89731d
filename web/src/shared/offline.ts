/** Keeps this entrance for times without a network; late, so that the first screen does not wait for it. */
export function keepOffline(place: 'counter' | 'operator' | 'card'): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  setTimeout(() => {
    // Without it everything works while there is a network.
    navigator.serviceWorker
      .register('/sw.js', { scope: `/${place}/`, updateViaCache: 'none' })
      .catch(() => undefined)
  }, 1500)
}
