// One card on one phone, without an account. It is sealed under a key that scripts cannot read out: whoever looks through the
// files of the browser finds no code. Whoever can open the page can show the card, as with the paper.
import { openDB, type DBSchema } from 'idb'

interface Kept extends DBSchema {
  card: { key: 'mine'; value: { key: CryptoKey; nonce: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer } }
}

const base = () => openDB<Kept>('umbrella-card', 1, { upgrade: (fresh) => void fresh.createObjectStore('card') })

export async function keep(text: string): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, new TextEncoder().encode(text))
  const step = (await base()).transaction('card', 'readwrite', { durability: 'strict' })
  await Promise.all([step.store.put({ key, nonce, sealed }, 'mine'), step.done])
  void navigator.storage?.persist?.().catch(() => undefined)
}

export async function isKept(): Promise<boolean> {
  return (await (await base()).count('card')) > 0
}

/** The card's code; none when there is no card. */
export async function read(): Promise<string | undefined> {
  const kept = await (await base()).get('card', 'mine')
  if (!kept) return undefined
  const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: kept.nonce }, kept.key, kept.sealed)
  return new TextDecoder().decode(opened)
}

export async function forget(): Promise<void> {
  await (await base()).clear('card')
}
