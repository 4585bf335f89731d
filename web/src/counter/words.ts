// What entries, services and places are called on the screen.
import type { Client, Given, Line } from '../core/index.ts'
import { between, day } from '../shared/i18n/dates.ts'
import { has, number, t } from '../shared/i18n/words.svelte.ts'
import { serviceName } from '../shared/services.ts'

export { serviceName }

/** What the app is called: a word that says nothing. */
export const APP = 'Umbrella'

/** `medan/Posko` is called Posko where the city is clear. */
export const siteName = (site: string): string => site.slice(site.indexOf('/') + 1)

export const givenText = (given: readonly Given[]): string =>
  given.map((it) => (it.quantity ? `${serviceName(it.service)}\u00a0${number(it.quantity)}` : serviceName(it.service))).join(', ')

/** A word of the protocol, such as a reason, by its key. */
export function word(group: 'reason' | 'attempt' | 'role' | 'standing' | 'kind' | 'waiting.obstacle', code: string): string {
  const key = `${group}.${code}`
  return has(key) ? t(key) : code
}

/** The latest day on which something was given, and what. */
export function lastVisit(client: Client): { day: string; text: string } | undefined {
  const visits = client.history.filter((it) => it.service && (it.kind === 'visit' || it.kind === 'enrolled'))
  const latest = visits[0]?.day
  if (!latest) return undefined
  const given = new Map<string, Given>()
  for (const it of visits) {
    if (it.day !== latest || !it.service || given.has(it.service)) continue
    given.set(it.service, it.quantity ? { service: it.service, quantity: it.quantity } : { service: it.service })
  }
  return { day: latest, text: givenText([...given.values()]) }
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
