import type { Problem } from '@core/web_core.js'
import { has, span, t } from './i18n/words.svelte.ts'

export type { Problem }

/** What happened, whether work is safe, what to do next. */
export function said({ code, wait }: Problem): string {
  const key = `error.${code}`
  const text = t(has(key) ? key : 'error.unknown')
  return wait ? `${text} ${t('error.wait', { time: span(wait) })}` : text
}
