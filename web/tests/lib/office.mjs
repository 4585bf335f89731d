// Screens of the operator's page and of the client's card, and how to come to them; the core is a stand-in.
import { cardText } from './film.mjs'
import { serves } from './figures.mjs'
import { late, spoil } from './stage.mjs'
import { words } from './words.mjs'

const button = (page, name) => page.getByRole('button', { name, exact: true })
const press = (key) => (page, t) => button(page, t[key]).click()
const tab = (key) => (page, t) => page.locator('nav').getByRole('button', { name: t[key] }).click()
const row = (key) => (page, t) => page.locator('main li').getByRole('button', { name: t[key] }).first().click()
const then = (...steps) => async (page, t) => {
  for (const step of steps) await step(page, t)
}
const fill = (key, text) => (page, t) => page.getByLabel(t[key], { exact: true }).fill(text)
const provider = (page) => page.getByRole('button', { name: /^Yayasan/ }).click()

/** Screens of the figures; `more` leads further from the first of them. */
const figures = (served, more) =>
  Object.fromEntries(
    Object.entries(served).map(([name, it]) => [name, { stage: { calm: true, figures: it }, go: then(tab('op.more'), row('op.figures'), more ?? (() => undefined)) }]),
  )

const locks = then(tab('op.more'), press('lock'), (page, t) => button(page, t['unlock']).waitFor())
const wrongPin = (says) => then(fill('pin', '314159'), press('unlock'), (page, t) => page.getByText(t[says]).waitFor())

/** A quarter that may be closed, and the screen on which that is done. */
const due = { figures: { now: '2027-02-03', closed: 2 } }
const opens = then(tab('op.more'), row('op.figures'), (page) => page.locator('main section').getByRole('button').first().click(), (page, t) =>
  page.getByText(t['op.today.wait'], { exact: true }).waitFor({ state: 'detached' }),
)
/** The same with a proposal of it; the first without. */
const closing = (all) =>
  Object.fromEntries(
    Object.entries(all).map(([name, it], at) => [name, { stage: { calm: true, ...due, closings: at ? [{ period: '2026Q4', ...it }] : [] }, go: opens }]),
  )

export const operator = {
  accept: { stage: { enrolled: false }, closed: true },
  'accept-wrong': {
    stage: { enrolled: false },
    closed: true,
    go: then(fill('accept.text', 'x'), fill('accept.password', 'short'), press('accept.submit'), (page, t) =>
      page.getByText(t['error.typed-short']).waitFor(),
    ),
  },
  'sign-in': { closed: true },
  'not-operator': { stage: { role: 'clinician' }, bare: true },
  today: {},
  'today-calm': { stage: { calm: true } },
  'today-empty': { stage: { empty: true } },
  places: { go: tab('op.places') },
  'places-empty': { stage: { empty: true }, go: tab('op.places') },
  'provider-add': { go: then(tab('op.places'), press('op.provider.add'), press('save')) },
  provider: { go: then(tab('op.places'), provider) },
  offers: { go: then(tab('op.places'), provider, (page) => page.getByRole('button', { name: /^stasiun/ }).click()) },
  'offers-none': {
    go: then(
      tab('op.places'),
      provider,
      (page) => page.getByRole('button', { name: /^stasiun/ }).click(),
      async (page) => {
        for (const box of await page.getByRole('checkbox').all()) await box.uncheck()
      },
      press('save'),
    ),
  },
  'site-add': { go: then(tab('op.places'), provider, press('op.site.add')) },
  people: { go: tab('op.people') },
  invite: { go: then(tab('op.people'), press('op.invite')) },
  invited: { go: then(tab('op.places'), provider, press('op.provider.invite'), press('invite.make'), (page, t) => button(page, t['invite.copy']).waitFor()) },
  stop: {
    go: then(tab('op.people'), (page, t) => page.getByRole('button', { name: `${t['team.revoke']}: ` }).click(), press('team.revoke.yes'), (page) =>
      page.getByRole('alert').waitFor(),
    ),
  },
  more: { go: tab('op.more') },
  limits: { go: then(tab('op.more'), row('op.limits')) },
  raise: {
    go: then(tab('op.more'), row('op.limits'), (page, t) => page.getByRole('button', { name: `${t['op.limit.raise']}: ` }).first().click(), press('save')),
  },
  'today-may-close': { stage: { calm: true, figures: { closed: 3 } } },
  ...figures({
    figures: { now: '2027-01-12', closed: 2, again: true },
    'figures-may-close': { now: '2027-02-03', closed: 2, again: true },
    'figures-behind': { now: '2027-02-03', closed: 3, begun: true },
    'figures-empty': { now: '2026-11-12', start: '2026-08-15' },
    'figures-away': { status: 503 },
    'figures-elsewhere': { status: 404 },
  }),
  ...figures({ published: { now: '2027-01-12', closed: 2, again: true }, 'published-long': { now: '2029-05-02', closed: 2, series: 11 }, 'published-empty': {} }, row('op.published')),
  ...figures({ budget: { now: '2027-02-03', closed: 1, again: true, begun: true }, 'budget-new': { now: '2026-11-12' } }, row('op.budget')),
  'figures-alone': { stage: { calm: true, figures: { now: '2026-11-12', start: null } }, go: then(tab('op.more'), row('op.figures')) },
  'closing-asked': { stage: { calm: true, closings: [{ period: '2026Q3' }], figures: { closed: 2 } } },
  ...closing({ closing: {}, 'closing-own': { own: true }, 'closing-other': {}, 'closing-changed': { digest: 'cd'.repeat(32) }, 'closing-broken': { confirmed: true } }),
  'closing-done': { stage: { calm: true, ...due, closings: [{ period: '2026Q4' }] }, go: then(opens, press('op.closing.confirm'), (page, t) => page.getByText(t['op.closing.done']).waitFor()) },
  'closing-refused': { stage: { calm: true, ...due, refuses: 'closing-undelivered' }, go: then(opens, (page, t) => page.getByText(t['error.closing-undelivered']).waitFor()) },
  health: { go: then(tab('op.more'), row('op.health')) },
  'health-bad': { stage: { sick: true }, go: then(tab('op.more'), row('op.health')) },
  settings: { go: then(tab('op.more'), row('settings')) },
  'settings-pin': { stage: { pin: true }, go: then(tab('op.more'), row('settings')) },
  pin: { go: then(tab('op.more'), row('settings'), press('pin.choose')) },
  'pin-differs': {
    go: then(tab('op.more'), row('settings'), press('pin.choose'), fill('pin', '271828'), fill('pin.again', '271829'), press('save')),
  },
  unlock: { stage: { pin: true }, go: locks },
  'unlock-wrong': { stage: { pin: true }, go: then(locks, wrongPin('error.pin-wrong')) },
  'unlock-over': { stage: { pin: true }, go: then(locks, ...Array(4).fill(wrongPin('error.pin-wrong')), wrongPin('error.pin-over')) },
  hidden: { go: press('hide') },
}

const keep = then(press('card.keep'), press('scan.type'), fill('scan.type.label', cardText()), press('scan.type.submit'), (page, t) =>
  button(page, t['card.show']).waitFor(),
)
export const card = {
  empty: {},
  about: { go: press('card.about') },
  scan: { go: then(press('card.keep'), (page, t) => page.getByText(t['scan.camera.none']).waitFor()) },
  typed: { go: then(press('card.keep'), press('scan.type'), fill('scan.type.label', 'AB'), press('scan.type.submit')) },
  kept: { go: keep },
  show: { go: then(keep, press('card.show')) },
  removed: { go: then(keep, press('card.remove')) },
  hidden: { go: press('hide') },
}

/** Opens one of the screens above; the context is the caller's to close. */
export async function show(browser, url, place, screen, { language = 'en', ...options } = {}) {
  const context = await browser.newContext({ locale: language, serviceWorkers: 'block', reducedMotion: 'reduce', ...options })
  const stage = screen.stage ?? {}
  await context.route(/\/assets\/worker-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `${late(stage)}(${core})(${JSON.stringify(stage)})` }),
  )
  await context.route('**/readyz', (route) => route.fulfill({ json: health(stage) }))
  await serves(context, stage.figures)
  await context.addInitScript(spoil, stage)
  const page = await context.newPage()
  await page.goto(`${url}/${place}/`)
  await page.locator('h1').waitFor()
  const t = words(language)
  if (place === 'operator' && !screen.closed) {
    await page.getByLabel(t['sign-in.name'], { exact: true }).fill('sari')
    await page.getByLabel(t['sign-in.password'], { exact: true }).fill('anything goes here')
    await button(page, t['sign-in.submit']).click()
    await (stage.role ? page.getByText(t['op.not-operator']) : page.locator('nav')).waitFor()
    if (!stage.role) await page.getByText(t['op.today.wait'], { exact: true }).waitFor({ state: 'detached' })
  }
  await screen.go?.(page, t)
  return { context, page }
}

const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

const health = ({ calm, empty, sick }) => ({
  ready: !sick,
  identity: { keys: 'open', database: sick ? 'away' : 'writable', status_list: sick ? null : ago(calm || empty ? 0 : 3) },
  statistics: { keys: 'open', database: 'writable', release_log: { lines: 12, hash: '' } },
})

/** Runs in the worker in place of the core. */
function core(stage) {
  const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  const providers = [
    {
      id: 'a',
      name: 'Yayasan Harapan Baru',
      sites: ['bandung/pasar-lama', 'bandung/stasiun', 'jakarta/tanah-abang'],
      offers: [{ site: 'bandung/stasiun', services: ['condoms', 'hts', 'nsp'] }],
    },
    { id: 'b', name: 'Ак-Жол коомдук бирикмеси', sites: ['osh/borbor'], offers: [] },
    ...(stage.calm ? [] : [{ id: 'c', name: 'North House', sites: [], offers: [] }]),
  ]
  const terminals = [
    { id: '1', label: 'Laptop 1', day: ago(0), revoked: false, here: true },
    { id: '2', label: 'Phone of the second operator', day: ago(stage.calm ? 1 : 12), revoked: false, here: false },
    { id: '3', label: 'Old laptop', day: null, revoked: true, here: false },
  ]
  const allowances = [
    { provider: null, what: 'blanks', taken: 180, cap: 2000 },
    { provider: null, what: 'invitations', taken: 4, cap: 100 },
    { provider: 'a', what: 'blanks', taken: stage.calm ? 10 : 100, cap: 100 },
    { provider: 'a', what: 'invitations', taken: stage.calm ? 1 : 9, cap: 10 },
    { provider: 'b', what: 'revocations', taken: 3, cap: 20 },
  ]
  const today = () => ago(0)
  const closings = stage.closings ?? []
  const services = ['nsp', 'oat-methadone', 'oat-buprenorphine', 'hts', 'art', 'sti', 'condoms', 'iec', 'hbv', 'hcv', 'tb', 'naloxone', 'prep']
  const answers = {
    device: { enrolled: stage.enrolled !== false, open: false },
    signIn: { name: 'sari', role: stage.role ?? 'operator', provider: null, sites: [], offers: [], services, waits: false, fingerprint: null, origin: null, pin: stage.pin ?? false, notices: [] },
    providers: stage.empty ? [] : providers,
    terminals: stage.empty ? terminals.slice(0, 1) : terminals,
    allowances: stage.empty ? [] : allowances,
    invite: 'pyi_'.padEnd(180, 'Ab3dEf6hIj9k'),
    upkeep: {
      disk: { free: stage.sick ? 700 : 182_400, all: 250_000, low: stage.sick ?? false },
      backup: stage.empty ? null : ago(stage.calm ? 1 : 5),
    },
    closings: closings.map((it) => ({ digest: 'ab'.repeat(32), day: today(), until: ago(-1), proposer: 'dewi', registered: '2025-02-03', own: false, confirmed: false, ...it })),
    closingPlan: { digest: 'ab'.repeat(32), tables: 5, cities: 4, services: 20, spends: 10_290_000, spent: 20_580_000, budget: 88_200_000 },
  }
  answers.me = answers.signIn
  let wrong = 0
  const problems = { enrol: 'typed-short', revokeTerminal: 'limited', ...(stage.refuses ? { closingPlan: stage.refuses } : {}) }
  globalThis.onmessage = ({ data }) => {
    if (data.kind === 'open') return postMessage({ kind: 'ready' })
    if (data.kind === 'unlock') {
      if (data.pin === '271828') return postMessage({ kind: 'done', id: data.id, value: answers.signIn })
      wrong += 1
      return postMessage({ kind: 'failed', id: data.id, problem: { code: wrong < 5 ? 'pin-wrong' : 'pin-over', wait: null } })
    }
    if (data.kind === 'forget') return postMessage({ kind: 'done', id: data.id, value: null })
    if (data.kind !== 'call') return
    if (data.name === 'setPin') answers.me = { ...answers.me, pin: true }
    if (data.name === 'dropPin') answers.me = { ...answers.me, pin: false }
    const code = problems[data.name]
    if (code) postMessage({ kind: 'failed', id: data.id, problem: { code, wait: code === 'limited' ? 40 : null } })
    else postMessage({ kind: 'done', id: data.id, value: answers[data.name] ?? null })
  }
}
