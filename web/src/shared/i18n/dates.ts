// Days such as 2026-11-30, as people say them: "Wed 12 Nov".
import { locale } from './locale.svelte.ts'
import { t } from './words.svelte.ts'

const kyrgyz = {
  months: ['январь', 'февраль', 'март', 'апрель', 'май', 'июнь', 'июль', 'август', 'сентябрь', 'октябрь', 'ноябрь', 'декабрь'],
  short: ['янв', 'фев', 'мар', 'апр', 'май', 'июн', 'июл', 'авг', 'сен', 'окт', 'ноя', 'дек'],
  days: ['Жек', 'Дүй', 'Шей', 'Шар', 'Бей', 'Жум', 'Ишм'],
}

/** Noon, so that no zone moves the day. */
const noon = (day: string) => new Date(`${day}T12:00:00Z`)
const format = (options: Intl.DateTimeFormatOptions, date: Date) =>
  new Intl.DateTimeFormat(locale.language === 'en' ? 'en-GB' : locale.language, { timeZone: 'UTC', ...options }).format(date)

/** "Wed 12 Nov", with the year when it is another one than now. */
export function day(text: string, now = new Date()): string {
  const date = noon(text)
  if (Number.isNaN(date.getTime())) return text
  const year = date.getUTCFullYear() === now.getFullYear() ? '' : ` ${date.getUTCFullYear()}`
  if (locale.language === 'ky') {
    return bound(`${kyrgyz.days[date.getUTCDay()]} ${date.getUTCDate()}-${kyrgyz.short[date.getUTCMonth()]}${year}`)
  }
  const weekday = format({ weekday: 'short' }, date)
  const month = format({ month: 'short' }, date).replace('.', '')
  return bound(`${weekday} ${date.getUTCDate()} ${month}${year}`)
}

/** A day is not broken over two lines. */
const bound = (text: string): string => text.replaceAll(' ', '\u00a0')

/** "Today", "Yesterday", "Tomorrow", else the day; `within` a sentence with a small letter. */
export function near(text: string, today: string, within = false): string {
  const words = { [-1]: 'day.yesterday', 0: 'day.today', 1: 'day.tomorrow' } as const
  const days = between(today, text)
  if (days !== -1 && days !== 0 && days !== 1) return day(text, noon(today))
  const word = t(words[days])
  return within ? word.toLocaleLowerCase(locale.language) : word
}

/** "March 2026" of 2026-03. */
export function month(text: string): string {
  const date = noon(`${text}-01`)
  if (Number.isNaN(date.getTime())) return text
  if (locale.language === 'ky') return `${date.getUTCFullYear()}-ж. ${kyrgyz.months[date.getUTCMonth()]}`
  return `${format({ month: 'long' }, date)} ${date.getUTCFullYear()}`
}

/** "14:02" of a moment. */
export const clock = (at: Date): string =>
  `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`

/** The day so many days after; the page's own arithmetic for chips such as "1 week". */
export function plus(text: string, days: number): string {
  const date = noon(text)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** Whole days from one to the other. */
export const between = (from: string, to: string): number =>
  Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000)
