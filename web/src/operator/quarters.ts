// Quarters such as 2026Q1 on the calendar: until when they take reports, and how far each has come. The service decides what closes;
// this is for showing it.
import { plus } from '../shared/i18n/dates.ts'
import { has, t } from '../shared/i18n/words.svelte.ts'
import type { Figures } from './figures.ts'

/** Late reports are taken for so many days after a quarter's last one. */
const WAIT_DAYS = 30

/** How far a quarter has come that is not closed; `after` may be closed once the one before it is. */
export type State = 'open' | 'late' | 'may' | 'after'
export interface Quarter {
  period: string
  state: State
  last: string
  /** The first day on which it may be closed. */
  from: string
}

export const isQuarter = (it: unknown): it is string => typeof it === 'string' && /^[0-9]{4}Q[1-4]$/.test(it)

const numberOf = (period: string): number => Number(period.slice(0, 4)) * 4 + Number(period.slice(5)) - 1
const named = (number: number): string => `${String(Math.floor(number / 4)).padStart(4, '0')}Q${(number % 4) + 1}`

/** The quarter that a day lies in. */
export const quarterOf = (day: string): string => `${day.slice(0, 4)}Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`

const lastDay = (period: string): string => period.slice(0, 4) + ['-03-31', '-06-30', '-09-30', '-12-31'][Number(period.slice(5)) - 1]

/** The quarter that closes next; none where nobody knows: the first that is closed begins the series, or it cannot be read. */
export function next({ releases, programme }: Figures): string | undefined {
  const closed = Array.isArray(releases) ? releases[0] : undefined
  if (closed) return named(numberOf(closed.period) + 1)
  return typeof programme === 'object' ? (programme.first ?? undefined) : undefined
}

/**
 * Quarters that are not closed, the oldest first, up to that of `today`; they close in order. Where nobody knows which closes next,
 * those of today and before.
 */
export function unclosed(figures: Figures, today: string): Quarter[] {
  const now = numberOf(quarterOf(today))
  const due = next(figures)
  const first = due ? numberOf(due) : now - 1
  // A programme that has not begun has one that is to come.
  const count = Math.max(now, first) - first + 1
  return Array.from({ length: count }, (_, at) => quarter(named(first + at), at === 0, today))
}

function quarter(period: string, first: boolean, today: string): Quarter {
  const last = lastDay(period)
  const from = plus(last, WAIT_DAYS)
  const state = today <= last ? 'open' : today < from ? 'late' : first ? 'may' : 'after'
  return { period, state, last, from }
}

/** "Third quarter of 2026". */
export function inWords(period: string): string {
  const key = `op.quarter.${period.slice(4)}`
  return has(key) ? t(key, { year: period.slice(0, 4) }) : period
}
