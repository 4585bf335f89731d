// Runs in the page's worker: asks the module of `web/vectors`, and tells a refusal (text) from a trap (anything else).
import init, { checkVectors } from './web_vectors.js'

const ready = init({ module_or_path: new URL('./web_vectors_bg.wasm', import.meta.url) })

onmessage = async ({ data: [name, text] }) => {
  try {
    await ready
    postMessage({ held: checkVectors(name, text) })
  } catch (error) {
    postMessage(typeof error === 'string' ? { refused: error } : { trapped: String(error) })
  }
}
