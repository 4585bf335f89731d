// Which languages there are, where their words lie, and which is wanted. The first script of every page (`build/early.ts`), and a small one:
// it asks for the words while the rest is still on its way.
import type en from '../../../i18n/en.json'

type En = typeof en
/** A text, or one for each plural form of `n`. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
export type Catalog = { readonly [K in keyof En]: En[K] extends string ? string : Forms }
export type Key = keyof En
export type Language = 'en' | 'id' | 'ru' | 'ky'

export const languages: Readonly<Record<Language, string>> = {
  en: 'English',
  id: 'Bahasa Indonesia',
  ru: 'Русский',
  ky: 'Кыргызча',
}

/** The words of each language; asked for twice, they are loaded once. */
export const load: Readonly<Record<Language, () => Promise<{ default: Catalog }>>> = {
  en: () => import('../../../i18n/en.json'),
  id: () => import('../../../i18n/id.json'),
  ru: () => import('../../../i18n/ru.json'),
  ky: () => import('../../../i18n/ky.json'),
}

/** What a page remembers in the open; none where the browser keeps nothing. */
export function remembered(name: 'language' | 'theme'): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

const known = (text: string | null): text is Language => text !== null && text in languages

/** The chosen language, else the first of the browser's that is here. */
export function wanted(): Language {
  const chosen = remembered('language')
  if (known(chosen)) return chosen
  for (const wish of navigator.languages) {
    const short = wish.slice(0, 2).toLowerCase()
    if (known(short)) return short
  }
  return 'en'
}

// Whoever needs them asks again, and hears of a failure then.
load[wanted()]().catch(() => undefined)
