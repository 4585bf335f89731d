// Every text of the pages, in one language at a time. Catalogs are JSON; a key that misses in one does not compile.
import { load, type Catalog, type Forms, type Key, type Language } from './catalogs.ts'
import { locale } from './locale.svelte.ts'

export { languages, type Catalog, type Key, type Language } from './catalogs.ts'
export type Vars = Readonly<Record<string, string | number>>

/** Loads a language; texts on the screen follow. Wait for it once before anything is drawn. */
export async function speak(language: Language): Promise<void> {
  const { default: catalog } = await load[language]()
  locale.set(language, catalog)
  document.documentElement.lang = language
}

export const has = (key: string): key is Key => key in locale.catalog

/** The text of a key; `n` chooses the plural form and is written in the language's own way. */
export function t(key: Key, vars: Vars = {}): string {
  const entry: string | Forms | undefined = locale.catalog[key]
  if (entry === undefined) return key
  const text = typeof entry === 'string' ? entry : (entry[locale.plural(Number(vars['n'] ?? 0))] ?? entry.other)
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = vars[name]
    return typeof value === 'number' ? number(value) : (value ?? whole)
  })
}

/** Digits in groups, and so many `decimals` at least: Kyrgyz as Russian does it, since browsers know no Kyrgyz. */
export const number = (value: number, decimals = 0): string =>
  new Intl.NumberFormat(locale.language === 'ky' ? 'ru' : locale.language, { minimumFractionDigits: decimals }).format(value)

/** A length of time in seconds, rounded up to what people say. */
export function span(seconds: number): string {
  if (seconds < 90) return t('span.seconds', { n: Math.max(1, Math.ceil(seconds)) })
  if (seconds < 5400) return t('span.minutes', { n: Math.ceil(seconds / 60) })
  if (seconds < 129600) return t('span.hours', { n: Math.ceil(seconds / 3600) })
  return t('span.days', { n: Math.ceil(seconds / 86400) })
}
