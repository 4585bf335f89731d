// Screens of what can go wrong: each says what happened, whether work is safe and what to do next.
import { cardText, grey, png } from './film.mjs'

const button = (page, name) => page.getByRole('button', { name, exact: true })

/** Types a card whose text begins with this word. */
const typed = async (page, t, word) => {
  await button(page, t['scan.type']).click()
  await page.locator('textarea').fill(`${word} `.padEnd(150, 'A'))
  await page.locator('main form button[type=submit]').last().click()
}
/** A scan that the core refuses with this word. */
const refused = (code) => ({
  stage: { refuses: code },
  go: async (page, t) => {
    await typed(page, t, 'KNOWN')
    await page.getByText(t[`error.${code}`]).waitFor()
  },
})
const camera = (name, error) => ({
  stage: { camera: error },
  go: async (page, t) => {
    await button(page, t['scan.start']).click()
    await page.getByText(t[`scan.camera.${name}`]).waitFor()
  },
})
const picture = (key, codes) => ({
  go: async (page, t) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, t['scan.picture']).click()])
    await chooser.setFiles({ name: 'p.png', mimeType: 'image/png', buffer: png(grey(1280, 720, codes)) })
    await page.getByText(t[key]).waitFor()
  },
})

export const trouble = {
  'no-wasm': { closed: true, stage: { noWasm: true } },
  'other-tab': {
    closed: true,
    // The first tab works; what is looked at is the second.
    first: true,
  },
  'no-storage': { closed: true, stage: { broken: 'storage' } },
  broken: { closed: true, stage: { broken: 'fault' } },
  clock: { stage: { clock: -49 }, go: (page) => page.getByText('49').waitFor() },
  'storage-full': {
    stage: { keeps: 'storage' },
    go: async (page, t) => {
      await typed(page, t, 'KNOWN')
      await button(page, t['result.same']).click()
      await page.getByText(t['error.storage']).waitFor()
    },
  },
  'no-network': refused('network'),
  'server-down': refused('server-down'),
  'server-html': refused('answer'),
  'server-old': refused('unproven'),
  'session-ended': {
    stage: { refuses: 'not-signed-in' },
    go: async (page, t) => {
      await typed(page, t, 'KNOWN')
      await page.getByText(t['sign-in.ended']).waitFor()
    },
  },
  'camera-denied': camera('denied', 'NotAllowedError'),
  'camera-none': camera('none', 'NotFoundError'),
  'camera-busy': camera('busy', 'NotReadableError'),
  'two-codes': picture('scan.two', [
    { text: cardText(), x: 300, y: 200, size: 320 },
    { text: cardText(), x: 660, y: 200, size: 320 },
  ]),
  'no-code': picture('scan.none', []),
}
