// The first screen goes before everything that it does not need: on a slow line each byte beside it makes it later.
let resolve: () => void

/** When the first screen is there. */
export const shown = new Promise<void>((done) => (resolve = done))

/** Says that it is there. */
export const show = (): void => resolve()
