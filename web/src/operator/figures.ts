// What the service publishes: its releases and its account of the privacy budget, as it says them to everybody.
import { isQuarter } from './quarters.ts'

/** Not served at this address, or not to be read just now. */
export type Missing = 'elsewhere' | 'away'

export interface Release {
  period: string
  /** 1 for the first count of a quarter; each later one counted it again. */
  version: number
}
/** A calendar year of the budget, in the service's own units: billionths of rho. */
export interface Year {
  year: number
  budget: string
  /** Spent or reserved: both do not come back. */
  spent: number
  /** Of that, what a release that is not finished holds. */
  reserved: number
  left: number
}
export interface Ledger {
  years: Year[]
  /** Which budget holds from which year on, the first first. */
  budgets: { year: number; budget: string }[]
}
/** Since when there are figures; none of both where the first quarter that is closed begins the series. */
export interface Programme {
  start: string | null
  first: string | null
}
export interface Figures {
  releases: Release[] | Missing
  ledger: Ledger | Missing
  programme: Programme | Missing
}

export async function figures(): Promise<Figures> {
  const [releases, ledger, programme] = await Promise.all([
    read('/v1/releases', readReleases),
    read('/v1/ledger', readLedger),
    read('/v1/programme', readProgramme),
  ])
  return { releases, ledger, programme }
}

async function read<T>(path: string, parse: (said: unknown) => T | undefined): Promise<T | Missing> {
  try {
    const answer = await fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(10_000) })
    if (answer.status === 404) return 'elsewhere'
    if (!answer.ok) return 'away'
    return parse(await answer.json()) ?? 'away'
  } catch {
    return 'away'
  }
}

/** Newest first. None of them when one cannot be read: half a list would look like a whole one. */
function readReleases(said: unknown): Release[] | undefined {
  const found = all(said, readRelease)
  return found?.sort((a, b) => (a.period === b.period ? b.version - a.version : a.period < b.period ? 1 : -1))
}

function readRelease(one: unknown): Release | undefined {
  if (!isObject(one)) return undefined
  const { period, version } = one
  return isQuarter(period) && isCount(version) && version > 0 ? { period, version } : undefined
}

function readProgramme(said: unknown): Programme | undefined {
  if (!isObject(said)) return undefined
  const { start, first } = said
  const day = start === null || isDay(start)
  return day && (first === null || isQuarter(first)) ? { start, first } : undefined
}

function readLedger(said: unknown): Ledger | undefined {
  if (!isObject(said)) return undefined
  const years = all(said['years'], readYear)
  const budgets = all(said['budgets'], readBudget)
  return years && budgets && { years, budgets }
}

function readYear(one: unknown): Year | undefined {
  if (!isObject(one)) return undefined
  const { year, budget, spent, left } = one
  const held = all(one['tables'], (it) => (isObject(it) && isCount(it['reserved']) ? it['reserved'] : undefined))
  if (!isCount(year) || typeof budget !== 'string' || !isCount(spent) || !isCount(left) || !held) return undefined
  return { year, budget, spent, left, reserved: held.reduce((sum, it) => sum + it, 0) }
}

function readBudget(one: unknown): { year: number; budget: string } | undefined {
  if (!isObject(one)) return undefined
  const { year, budget } = one
  return isCount(year) && typeof budget === 'string' ? { year, budget } : undefined
}

function all<T>(said: unknown, parse: (one: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(said)) return undefined
  const found: T[] = []
  for (const one of said) {
    const it = parse(one)
    if (it === undefined) return undefined
    found.push(it)
  }
  return found
}

const isObject = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null
const isDay = (it: unknown): it is string => typeof it === 'string' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(it)
const isCount = (it: unknown): it is number => Number.isSafeInteger(it) && (it as number) >= 0
