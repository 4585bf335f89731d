// The two things that a page remembers in the open: language and theme.
import { remembered, wanted } from './i18n/catalogs.ts'
import { speak, type Language } from './i18n/words.svelte.ts'

export type Theme = 'auto' | 'light' | 'dark'

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // A browser that keeps nothing starts with the defaults next time.
  }
}

export async function choose(next: Language): Promise<void> {
  await speak(next)
  keep('language', next)
}

export function theme(): Theme {
  const chosen = remembered('theme')
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto'
}

export function dress(next: Theme): void {
  if (next === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = next
  keep('theme', next)
}

/** Before anything is drawn: theme and words. */
export async function begin(): Promise<void> {
  const chosen = theme()
  if (chosen !== 'auto') document.documentElement.dataset['theme'] = chosen
  await speak(wanted())
}
