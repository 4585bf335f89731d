// What the service says about itself at /readyz.
import { number } from '../shared/i18n/words.svelte.ts'

interface Role {
  keys: string
  database: string
}
export interface Health {
  ready: boolean
  identity?: Role & { status_list: string | null }
  statistics?: Role & { release_log: { lines: number; hash: string } | null }
}

/** A size on a disk as people say it, from MiB. */
export const gigabytes = (mib: number): string => number(Math.round((mib * 10) / 1024) / 10)

/** None when it does not answer, or something else answers in its place. */
export async function health(): Promise<Health | undefined> {
  try {
    const answer = await fetch('/readyz', { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(10_000) })
    const said: unknown = await answer.json()
    return typeof said === 'object' && said !== null && 'ready' in said ? (said as Health) : undefined
  } catch {
    return undefined
  }
}
