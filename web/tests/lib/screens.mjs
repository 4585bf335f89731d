// Every screen of the counter and how to come to it.
import { trouble } from './trouble.mjs'

const button = (page, name) => page.getByRole('button', { name, exact: true })
const press = async (page, name) => {
  await button(page, name).click()
  await page.locator('h1').waitFor()
}
const tab = (key) => async (page, t) => {
  await page.locator('nav').getByRole('button', { name: t[key] }).click()
  await page.waitForTimeout(100)
}
const more = (key) => async (page, t) => {
  await tab('nav.more')(page, t)
  await press(page, t[key])
  await page.waitForTimeout(100)
}
const send = (page) => page.locator('main form button[type=submit]').last().click()

/** Types a card whose text begins with this word. */
const typed = async (page, t, word) => {
  await button(page, t['scan.type']).click()
  await page.locator('textarea').fill(`${word} `.padEnd(150, 'A'))
  await send(page)
}
const scanned = (word) => async (page, t) => {
  await typed(page, t, word)
  await page.getByRole('status').filter({ hasText: /\S/ }).waitFor()
}
const then = (...steps) => async (page, t) => {
  for (const step of steps) await step(page, t)
}
const presses = (key) => (page, t) => press(page, t[key])
const starts = (key) => async (page, t) => {
  await page.getByRole('button', { name: t[key] }).first().click()
  await page.waitForTimeout(100)
}

const fills = (key, text) => (page, t) => page.getByLabel(t[key], { exact: true }).fill(text)
/** Two minutes without a touch. */
const idle = async (page, t) => {
  await page.clock.install()
  await page.clock.runFor(125_000)
  await page.getByText(t['sign-in.idle']).waitFor()
}
const signsIn = async (page, t) => {
  await fills('sign-in.password', 'anything goes here')(page, t)
  await send(page)
}
const locks = then(tab('nav.more'), (page, t) => press(page, t['lock']), (page, t) => button(page, t['unlock']).waitFor())
const wrongPin = (says) => async (page, t) => {
  await fills('pin', '314159')(page, t)
  await send(page)
  await page.getByText(t[says]).waitFor()
}

const voids = then(scanned('KNOWN'), presses('client.history'), (page) => page.locator('main li button').first().click())

export const screens = {
  accept: { closed: true, stage: { enrolled: false } },
  'accept-link': { closed: true, stage: { enrolled: false }, hash: '#i=pyi_anything' },
  'sign-in': { closed: true },
  'sign-in-wrong': {
    closed: true,
    go: async (page, t) => {
      await page.getByLabel(t['sign-in.name'], { exact: true }).fill('sari')
      await page.getByLabel(t['sign-in.password'], { exact: true }).fill('wrong')
      await send(page)
      await page.getByText(t['error.not-signed-in']).waitFor()
    },
  },
  waits: { stage: { waits: true } },
  'waits-given': { stage: { waits: 'given' } },
  'sign-in-giver': {
    stage: { waits: 'given' },
    go: async (page, t) => {
      await button(page, t['waits.giver.submit']).click()
      await page.getByLabel(t['sign-in.giver'], { exact: true }).waitFor()
    },
  },
  sites: { stage: { sites: ['north/market', 'north/harbour'] } },
  alarm: { stage: { notices: ['forked', 'forgotten'] } },
  scan: {},
  known: { go: scanned('KNOWN') },
  late: { go: scanned('LATE') },
  fresh: { go: scanned('FRESH') },
  claims: { go: scanned('CLAIMS') },
  blank: { go: scanned('BLANK') },
  superseded: { go: scanned('SUPERSEDED') },
  offline: { go: scanned('OFFLINE') },
  revoked: { go: scanned('REVOKED') },
  expired: { go: scanned('EXPIRED') },
  unknown: { go: scanned('POSTER') },
  stale: { go: scanned('STALE') },
  served: { go: then(scanned('KNOWN'), presses('result.same'), (page, t) => button(page, t['scan']).waitFor()) },
  undone: {
    go: then(scanned('KNOWN'), presses('result.same'), starts('undo'), (page, t) => page.getByText(t['visit.undone']).waitFor()),
  },
  visit: {
    go: then(scanned('KNOWN'), presses('result.visit'), presses('service.nsp'), (page, t) =>
      page.getByText(t['visit.next.pick'], { exact: true }).click(),
    ),
  },
  'visit-offers': { stage: { offers: ['condoms', 'hts'] }, go: then(scanned('KNOWN'), presses('result.visit')) },
  'visit-empty': { go: then(scanned('KNOWN'), presses('result.visit'), send) },
  enrol: { go: then(scanned('FRESH'), presses('result.enrol'), presses('visit.services.all')) },
  exit: { go: then(scanned('KNOWN'), presses('client.exit'), send) },
  void: { go: voids },
  voided: { go: then(voids, send, (page, t) => page.getByText(t['client.void.done']).waitFor()) },
  'void-undone': {
    go: then(voids, send, starts('undo'), (page, t) => page.getByText(t['client.void.undone']).waitFor()),
  },
  'void-unsent': {
    go: then(
      scanned('KNOWN'),
      presses('result.same'),
      presses('client.history'),
      (page) => page.locator('main li button').first().click(),
      send,
      (page, t) => page.getByText(t['visit.undone']).waitFor(),
    ),
  },
  history: { go: then(scanned('KNOWN'), presses('client.history')) },
  today: { go: tab('nav.today') },
  seen: { go: then(tab('nav.today'), starts('today.seen')) },
  client: { go: then(tab('nav.today'), (page) => page.getByRole('button', { name: /^quiet meadow/ }).click()) },
  try: { go: then(tab('nav.today'), starts('today.log')) },
  sent: { go: tab('nav.waiting') },
  waiting: { stage: { queue: true }, go: tab('nav.waiting') },
  'waiting-delete': { stage: { queue: true }, go: then(tab('nav.waiting'), starts('waiting.delete')) },
  more: { go: tab('nav.more') },
  'new-card': { go: more('more.new-card') },
  'replace-old': { go: more('more.replace') },
  replace: {
    go: then(
      more('more.replace'),
      (page, t) => typed(page, t, 'KNOWN'),
      (page, t) => page.getByRole('heading', { name: t['replace.new'] }).waitFor(),
      (page, t) => typed(page, t, 'BLANK'),
      (page, t) => button(page, t['replace.submit']).waitFor(),
    ),
  },
  print: { go: more('more.print') },
  printed: { go: then(more('more.print'), send, (page, t) => button(page, t['print.submit']).waitFor()) },
  summary: { go: more('more.summary') },
  team: { go: more('more.team') },
  'team-stop': { go: then(more('more.team'), (page, t) => page.getByRole('button', { name: `${t['team.revoke']}: dewi.k` }).click()) },
  invite: { go: then(more('more.team'), presses('team.invite')) },
  invited: { go: then(more('more.team'), presses('team.invite'), send, (page, t) => button(page, t['invite.copy']).waitFor()) },
  admit: { go: then(more('more.team'), presses('team.let-in'), send, (page, t) => page.getByLabel(t['admit.numbers'], { exact: true }).waitFor()) },
  meaning: { go: more('more.meaning') },
  settings: { go: more('more.settings') },
  'settings-pin': { stage: { pin: true }, go: more('more.settings') },
  pin: { go: then(more('more.settings'), presses('pin.choose')) },
  'pin-differs': {
    go: then(more('more.settings'), presses('pin.choose'), fills('pin', '271828'), fills('pin.again', '271829'), send, (page, t) =>
      page.getByText(t['pin.differ']).waitFor(),
    ),
  },
  'pin-easy': {
    go: then(more('more.settings'), presses('pin.choose'), fills('pin', 'abc'), fills('pin.again', 'abc'), send, (page, t) =>
      page.getByText(t['error.typed-pin']).waitFor(),
    ),
  },
  'pin-offer': { go: then(idle, signsIn, (page, t) => page.getByText(t['pin.offer']).waitFor()) },
  unlock: { stage: { pin: true }, go: locks },
  'unlock-idle': { stage: { pin: true }, go: then(idle, (page, t) => button(page, t['unlock']).waitFor()) },
  'unlock-wrong': { stage: { pin: true }, go: then(locks, wrongPin('error.pin-wrong')) },
  'unlock-over': {
    stage: { pin: true },
    go: then(locks, ...Array(4).fill(wrongPin('error.pin-wrong')), wrongPin('error.pin-over')),
  },
  'unlock-closed': { closed: true, stage: { kept: true }, go: (page, t) => button(page, t['unlock']).waitFor() },
  'unlock-closed-wrong': { closed: true, stage: { kept: true }, go: wrongPin('unlock.wrong') },
  'unlock-due': { closed: true, stage: { kept: true, due: true }, go: wrongPin('sign-in.due') },
  outside: { closed: true, stage: { outside: true }, go: (page, t) => page.getByText(t['outside.lead']).waitFor() },
  'outside-valid': { closed: true, stage: { outside: true }, go: scanned('OFFLINE') },
  'outside-revoked': { closed: true, stage: { outside: true }, go: scanned('REVOKED') },
  'outside-visit': { closed: true, stage: { outside: true }, go: then(scanned('OFFLINE'), presses('result.visit'), presses('service.nsp')) },
  'outside-saved': {
    closed: true,
    stage: { outside: true },
    go: then(scanned('OFFLINE'), presses('result.visit'), presses('service.nsp'), send, (page, t) => page.getByText(t['outside.saved']).waitFor()),
  },
  'outside-sign-in': { closed: true, stage: { outside: true }, go: then(presses('sign-in'), (page, t) => button(page, t['outside.go']).waitFor()) },
  'alarm-altered': { stage: { notices: ['altered'] } },
  'by-password': { stage: { byPin: true, pin: true }, go: more('more.print') },
  hidden: { go: presses('hide') },
  ...trouble,
}
