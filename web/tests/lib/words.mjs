import { readFileSync } from 'node:fs'

const kept = new Map()

/** The texts of a language, by key. */
export function words(language) {
  const file = new URL(`../../i18n/${language}.json`, import.meta.url)
  if (!kept.has(language)) kept.set(language, JSON.parse(readFileSync(file, 'utf8')))
  return kept.get(language)
}
