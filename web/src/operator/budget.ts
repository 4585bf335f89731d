// The account of the budget as people read it: parts of a year in per cent, and the budget of a year by its name.
import { has, number, t } from '../shared/i18n/words.svelte.ts'
import type { Ledger, Year } from './figures.ts'

/** Per cent with one decimal, as on the service's own page of the account. */
export function parts({ spent, reserved, left }: Year): Record<'spent' | 'reserved' | 'left', number> {
  const all = spent + left || 1
  const part = (amount: number) => Math.round((amount * 1000) / all) / 10
  return { spent: part(spent - reserved), reserved: part(reserved), left: part(left) }
}

export const percent = (part: number): string => t('op.budget.part', { n: number(part, 1) })

/** The year as the account has it; one in which nothing was debited is not in it. */
export const yearOf = (ledger: Ledger, year: number): Year | undefined => ledger.years.find((it) => it.year === year)

/** The name of the budget that holds in a year: the last that was chosen for it or for a year before. */
export function budgetOf({ budgets }: Ledger, year: number): string {
  const holds = budgets.filter((it) => it.year <= year).at(-1) ?? budgets[0]
  return holds ? named(holds.budget) : t('none')
}

export function named(budget: string): string {
  const key = `op.budget.${budget}`
  return has(key) ? t(key) : budget
}
