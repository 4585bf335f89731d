import type { Catalog, Language } from './catalogs.ts'

// What is spoken now; reading it in a component makes the component follow.
let language = $state<Language>('en')
let catalog = $state.raw<Catalog>({} as Catalog)
let rules = new Intl.PluralRules('en')

export const locale = {
  get language() {
    return language
  },
  get catalog() {
    return catalog
  },
  plural: (n: number) => rules.select(n),
  set(next: Language, words: Catalog) {
    rules = new Intl.PluralRules(next)
    language = next
    catalog = words
  },
}
