// What entries, services and places are called on the screen.
import type { Client, Given, Line } from '../core/index.ts'
import { between, day } from '../shared/i18n/dates.ts'
import { has, number, t } from '../shared/i18n/words.svelte.ts'

/** What the app is called: a word that says nothing. */
export const APP = 'Umbrella'

/** Services of which pieces are counted. */
const COUNTED: readonly string[] = ['nsp', 'condoms', 'naloxone', 'iec']

export const isCounted = (service: string): boolean => COUNTED.includes(service)

/** A service in plain words; one that is not in the catalog keeps its code. */
export function serviceName(code: string): string {
  const key = `service.${code}`
  return has(key) ? t(key) : code
}

/** `medan/Posko` is called Posko where the city is clear. */
export const siteName = (site: string): string => site.slice(site.indexOf('/') + 1)

export const givenText = (given: readonly Given[]): string =>
  given.map((it) => (it.quantity ? `${serviceName(it.service)}\u00a0${number(it.quantity)}` : serviceName(it.service))).join(', ')

/** A word of the protocol, such as a reason, by its key. */
export function word(group: 'reason' | 'attempt' | 'role' | 'standing' | 'kind' | 'waiting.obstacle', code: string): string {
  const key = `${group}.${code}`
  return has(key) ? t(key) : code
}

/** What was given on the latest day, and how far ahead the next appointment was. */
export interface Last {
  day: string
  given: Given[]
  ahead: number | undefined
  next: string | undefined
}

export function lastVisit(client: Client): Last | undefined {
  const visits = client.history.filter((it) => it.service && (it.kind === 'visit' || it.kind === 'enrolled'))
  const latest = visits[0]?.day
  if (!latest) return undefined
  const given = new Map<string, Given>()
  let next: string | undefined
  for (const it of visits.filter((line) => line.day === latest)) {
    if (!it.service || given.has(it.service)) continue
    given.set(it.service, it.quantity ? { service: it.service, quantity: it.quantity } : { service: it.service })
    if (it.until && (!next || it.until > next)) next = it.until
  }
  const ahead = next ? between(latest, next) : undefined
  return { day: latest, given: [...given.values()], ahead, next }
}

/** One entry in a line: what, how many, until when. */
export function lineText(it: Line): string {
  const detail =
    it.kind === 'exited' && it.detail ? word('reason', it.detail)
    : it.kind === 'attempt' && it.detail ? word('attempt', it.detail)
    : it.kind === 'consent' && it.detail ? t(it.detail === 'yes' ? 'enrol.consent.yes' : 'enrol.consent.no')
    : it.detail
  const what = it.service ? givenText([it.quantity ? { service: it.service, quantity: it.quantity } : { service: it.service }]) : ''
  const head = it.kind === 'visit' && what ? what : [word('kind', it.kind), what].filter(Boolean).join(': ')
  const until = it.until ? t('client.until', { day: day(it.until) }) : ''
  return [head, detail, until].filter(Boolean).join(' · ')
}
