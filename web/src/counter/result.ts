// What a scan means for the person at the counter: the sentence, the reason, and the one thing to press.
import type { Scan } from '../core/index.ts'
import { month } from '../shared/i18n/dates.ts'
import { t } from '../shared/i18n/words.svelte.ts'

export type Tone = 'valid' | 'revoked' | 'expired' | 'unknown' | 'stale'
/** The primary action. `same` falls back to `visit` where there was no visit. */
export type Act = 'same' | 'enrol' | 'visit' | 'replace' | 'lost' | 'again' | 'give'

export interface Told {
  tone: Tone
  text: string
  note?: string
  aside?: string
  act: Act
  /** Something can be recorded for this card. */
  records: boolean
}

const TONES: readonly string[] = ['valid', 'revoked', 'expired', 'unknown', 'stale']

export function tell(scan: Scan): Told {
  const tone = (TONES.includes(scan.verdict) ? scan.verdict : 'unknown') as Tone
  const aside = scan.age === null || tone === 'stale' ? {} : { aside: age(scan.age) }
  if (tone === 'revoked') {
    return { tone, text: t('verdict.revoked'), note: t('verdict.note.revoked'), ...aside, act: 'lost', records: false }
  }
  if (tone === 'stale') {
    const text = scan.age === null ? t('verdict.stale-none') : t('verdict.stale', { n: scan.age })
    return { tone, text, note: t('verdict.note.stale'), act: 'visit', records: true }
  }
  if (tone === 'unknown' || scan.outcome === 'refused') {
    return { tone: 'unknown', text: t('verdict.unknown'), note: t('verdict.note.unknown'), act: 'again', records: false }
  }
  if (scan.outcome === 'superseded') {
    const text = t('verdict.valid-superseded')
    return { tone: 'unknown', text, note: t('verdict.note.superseded'), ...aside, act: 'again', records: false }
  }
  if (tone === 'expired') return expired(scan, aside)
  if (scan.outcome === 'inactive') {
    return { tone, text: t('verdict.valid-blank'), note: t('verdict.note.blank'), ...aside, act: 'give', records: false }
  }
  if (scan.outcome === 'offline') {
    return { tone, text: t('verdict.valid-offline'), note: t('verdict.note.offline'), ...aside, act: 'visit', records: true }
  }
  const known = scan.client?.known ?? false
  const text = known ? t('verdict.valid-known') : t('verdict.valid-new')
  return { tone, text, ...aside, act: known ? 'same' : 'enrol', records: true }
}

function expired(scan: Scan, aside: { aside?: string }): Told {
  const text = t('verdict.expired', { month: month(scan.expiry ?? '') })
  const finds = scan.outcome === 'person' || scan.outcome === 'offline'
  return {
    tone: 'expired',
    text,
    ...(finds ? { note: t('verdict.note.expired') } : {}),
    ...aside,
    act: finds ? 'replace' : 'again',
    records: finds,
  }
}

const age = (days: number): string => (days === 0 ? t('verdict.age.today') : t('verdict.age', { n: days }))
