// What needs a person today.
import { today, type Allowance } from '../core/index.ts'
import { between, day } from '../shared/i18n/dates.ts'
import { has, t } from '../shared/i18n/words.svelte.ts'
import { gigabytes } from './health.ts'
import type { Screen } from './nav.ts'
import type { office } from './office.svelte.ts'
import { inWords, next, unclosed } from './quarters.ts'

export interface Need {
  title: string
  /** What to do about it. */
  text: string
  bad: boolean
  action: string
  leads: Screen
}

/** A device that nobody signed in on for so many days is asked after. */
const QUIET_DAYS = 7
/** From so many days on a backup is old. */
const OLD_BACKUP_DAYS = 3
/** From this share of a limit on it is worth a word. */
const NEAR = 0.8

export function needs(seen: typeof office): Need[] {
  return [...service(seen), ...closings(seen), ...quarters(seen), ...limits(seen), ...devices(seen), ...places(seen)]
}

function service({ at, health, upkeep }: typeof office): Need[] {
  const need = (title: string, text: string): Need => ({
    title,
    text,
    bad: true,
    action: t('op.do.health'),
    leads: { name: 'health' },
  })
  if (!at) return []
  if (!health) return [need(t('op.health.away'), t('op.health.away.do'))]
  const list = health.identity?.status_list
  const found: Need[] = []
  if (health.identity && !list) found.push(need(t('op.list-none'), t('op.list-old.do')))
  else if (!health.ready) found.push(need(t('op.not-ready'), t('op.not-ready.do')))
  if (list && between(list, today()) > 1) found.push(need(t('op.list-old', { day: day(list) }), t('op.list-old.do')))
  if (upkeep?.disk?.low) found.push(need(t('op.disk-low', { free: gigabytes(upkeep.disk.free) }), t('op.disk-low.do')))
  if (upkeep && isOld(upkeep.backup)) {
    const title = upkeep.backup ? t('op.backup-old', { day: day(upkeep.backup) }) : t('op.backup-none')
    found.push(need(title, t('op.backup-old.do')))
  }
  return found
}

/** Whether somebody should make a backup: of no day, or of days ago. */
export const isOld = (backup: string | null): boolean => backup === null || between(backup, today()) >= OLD_BACKUP_DAYS

/** What another operator proposed, and what two agreed to and broke off. */
function closings({ closings }: typeof office): Need[] {
  const mine = (closings ?? []).filter((it) => it.confirmed || !it.own)
  return mine.map((it) => ({
    title: t(it.confirmed ? 'op.closing.broken' : 'op.closing.asked', { quarter: inWords(it.period) }),
    text: it.confirmed ? t('op.closing.broken.do') : t('op.closing.asked.do', { day: day(it.until) }),
    bad: false,
    action: t('op.do.closing'),
    leads: { name: 'closing', period: it.period },
  }))
}

/** Where nobody knows which quarter closes first, nobody is asked to close one; nor where somebody has proposed it. */
function quarters({ figures, closings }: typeof office): Need[] {
  if (!figures || !Array.isArray(figures.releases) || !next(figures)) return []
  const due = unclosed(figures, today()).find((it) => it.state === 'may')
  if (!due || closings?.some((it) => it.period === due.period)) return []
  return [
    {
      title: t('op.may-close', { quarter: inWords(due.period) }),
      text: t('op.may-close.do'),
      bad: false,
      action: t('op.do.figures'),
      leads: { name: 'figures' },
    },
  ]
}

function limits(seen: typeof office): Need[] {
  const far = (seen.allowances ?? []).filter((it) => it.cap > 0 && it.taken >= it.cap * NEAR)
  return far.map((it) => {
    const reached = it.taken >= it.cap
    const provider = it.provider === null ? t('op.programme') : (seen.name(it.provider) ?? '')
    return {
      title: t(reached ? 'op.limit-reached' : 'op.limit-near', { provider, what: what(it) }),
      text: t('op.limit-reached.do'),
      bad: reached,
      action: t('op.do.limits'),
      leads: { name: 'limits' },
    }
  })
}

function devices({ terminals }: typeof office): Need[] {
  const found: Need[] = []
  for (const it of terminals ?? []) {
    const n = it.day && !it.revoked ? between(it.day, today()) : 0
    if (n < QUIET_DAYS) continue
    found.push({
      title: t('op.device-quiet', { name: it.label, n }),
      text: t('op.device-quiet.do'),
      bad: false,
      action: t('op.do.devices'),
      leads: { name: 'people' },
    })
  }
  return found
}

function places({ providers }: typeof office): Need[] {
  const need = (title: string, text: string, leads: Screen): Need => ({ title, text, bad: false, action: t('op.do.places'), leads })
  if (providers?.length === 0) return [need(t('op.no-provider'), t('op.no-provider.do'), { name: 'places' })]
  const empty = (providers ?? []).filter((it) => it.sites.length === 0)
  return empty.map((it) => need(t('op.no-site', { provider: it.name }), t('op.no-site.do'), { name: 'provider', id: it.id }))
}

/** The limited act in words. */
export function what(it: Pick<Allowance, 'what'>): string {
  const key = `op.limit.${it.what}`
  return has(key) ? t(key) : it.what
}
