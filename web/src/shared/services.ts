// What services are called on every page.
import { has, t } from './i18n/words.svelte.ts'

/** A service in plain words; one that is not in the catalog keeps its code. */
export function serviceName(code: string): string {
  const key = `service.${code}`
  return has(key) ? t(key) : code
}
