// Devices that the host of this machine has made ready, as the demonstration does: sealed like all others, so a password opens
// them and nothing else. Elsewhere nobody offers any.

export interface Offered {
  name: string
  state: Uint8Array
}

export async function offered(): Promise<Offered[]> {
  try {
    const answer = await fetch('/local/devices', {
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(3000),
    })
    if (!answer.ok) return []
    const said: unknown = await answer.json()
    return Array.isArray(said) ? said.flatMap(read) : []
  } catch {
    return []
  }
}

function read(one: unknown): Offered[] {
  if (typeof one !== 'object' || one === null || !('name' in one) || !('state' in one)) return []
  const { name, state } = one
  if (typeof name !== 'string' || typeof state !== 'string') return []
  const text = atob(state.replaceAll('-', '+').replaceAll('_', '/'))
  return [{ name, state: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) }]
}
