// What a locked device holds, in the memory of this worker alone: under a key that cannot be taken out and is never stored. A browser
// writes keys to its disk that a page stores, "non-extractable" ones too; this one is only held.

export interface Shield {
  /** The bytes again; whoever asks wipes them. */
  open(): Promise<Uint8Array<ArrayBuffer>>
}

/** Covers bytes; the caller's are wiped. */
export async function shield(bytes: Uint8Array<ArrayBuffer>): Promise<Shield> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  // One message under one key: any nonce is fresh.
  const how = { name: 'AES-GCM', iv: new Uint8Array(12) }
  const covered = await crypto.subtle.encrypt(how, key, bytes)
  bytes.fill(0)
  return { open: async () => new Uint8Array(await crypto.subtle.decrypt(how, key, covered)) }
}
