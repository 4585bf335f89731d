import { Stack } from '../shared/stack.svelte.ts'

export type Screen =
  | { name: 'today' }
  | { name: 'places' }
  | { name: 'people' }
  | { name: 'more' }
  | { name: 'provider'; id: string; added?: string }
  | { name: 'add-provider' }
  | { name: 'add-site'; id: string }
  | { name: 'offers'; id: string; site: string }
  | { name: 'invite'; provider?: string }
  | { name: 'stop'; id: string; label: string }
  | { name: 'limits' }
  | { name: 'raise'; provider: string; what: string }
  | { name: 'figures' }
  | { name: 'published' }
  | { name: 'closing'; period: string }
  | { name: 'budget' }
  | { name: 'health' }
  | { name: 'settings' }
  | { name: 'pin' }

export type Tab = 'today' | 'places' | 'people' | 'more'

const tabs: Record<Screen['name'], Tab> = {
  today: 'today',
  places: 'places',
  provider: 'places',
  'add-provider': 'places',
  'add-site': 'places',
  offers: 'places',
  people: 'people',
  invite: 'people',
  stop: 'people',
  more: 'more',
  limits: 'more',
  raise: 'more',
  figures: 'more',
  published: 'more',
  closing: 'more',
  budget: 'more',
  health: 'more',
  settings: 'more',
  pin: 'more',
}

export const nav = new Stack<Screen>({ name: 'today' })
export const tabOf = (screen: Screen): Tab => tabs[screen.name]
