// The two things that a page remembers in the open: language and theme.
import { languages, speak, type Language } from './i18n/words.svelte.ts'

export type Theme = 'auto' | 'light' | 'dark'

function read(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // A browser that keeps nothing starts with the defaults next time.
  }
}

const known = (text: string | null): text is Language => text !== null && text in languages

/** The chosen language, else the first of the browser's that is here. */
export function language(): Language {
  const chosen = read('language')
  if (known(chosen)) return chosen
  for (const wish of navigator.languages) {
    const short = wish.slice(0, 2).toLowerCase()
    if (known(short)) return short
  }
  return 'en'
}

export async function choose(next: Language): Promise<void> {
  await speak(next)
  keep('language', next)
}

export function theme(): Theme {
  const chosen = read('theme')
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
  await speak(language())
}
