// Stands in for the core's worker in tests of the screens alone: the same answers each time, no service, no cards. STAGE is put
// before it and says what is different in one screen.
const iso = (ahead) => {
  const day = new Date()
  day.setDate(day.getDate() + ahead)
  const two = (number) => String(number).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
const SITE = 'north/market'
const SERVICES =
  'nsp oat-methadone oat-buprenorphine hts art prep sti condoms iec hbv hcv tb naloxone mental-health behavioural outreach support-group legal social'.split(' ')

let lines = 0
const line = (day, kind, service = null, quantity = null, until = null, detail = null) => ({
  id: `line-${(lines += 1)}`,
  day: iso(day),
  kind,
  service,
  site: SITE,
  quantity,
  until: until === null ? null : iso(until),
  detail,
  withdrawable: kind === 'visit' || kind === 'enrolled' || kind === 'exited',
})
const standing = (service, state, day) => ({ service, state, day: iso(day), reason: null })
const client = (id, alias, more = {}) => ({
  id,
  alias,
  known: false,
  claims: null,
  consent: null,
  again: null,
  history: [],
  standings: [],
  ...more,
})

const clients = {
  usual: client('usual', 'amber river 417', {
    known: true,
    consent: true,
    again: { services: [{ service: 'nsp', quantity: 20 }, { service: 'condoms', quantity: 10 }], until: iso(30) },
    history: [
      line(-12, 'visit', 'nsp', 20, 18),
      line(-12, 'visit', 'condoms', 10),
      line(-20, 'attempt', null, null, null, 'not_reached'),
      line(-40, 'enrolled', 'nsp'),
      line(-40, 'enrolled', 'condoms'),
    ],
    standings: [standing('condoms', 'active', 168), standing('nsp', 'active', 18)],
  }),
  late: client('late', 'quiet meadow 052', {
    known: true,
    again: { services: [{ service: 'oat-methadone' }], until: iso(10) },
    history: [line(-30, 'visit', 'oat-methadone', null, -20), line(-60, 'enrolled', 'oat-methadone', null, -53)],
    standings: [standing('oat-methadone', 'lost', -20)],
  }),
  fresh: client('fresh', 'silver window 880'),
  claims: client('claims', 'blue harvest 311', { claims: 'green lantern 204' }),
}

const row = (id, alias, service, day, days, more = {}) => ({
  id,
  alias,
  service,
  services: [],
  day: iso(day),
  days,
  lost: false,
  consent: null,
  attempts: 0,
  site: SITE,
  ...more,
})
const judged = (verdict, outcome, it = null, more = {}) => ({ verdict, age: 0, expiry: null, outcome, client: it, ...more })
/** By the first word of the card's text. */
const scans = {
  KNOWN: () => judged('valid', 'person', clients.usual),
  LATE: () => judged('valid', 'person', clients.late),
  FRESH: () => judged('valid', 'person', clients.fresh),
  CLAIMS: () => judged('valid', 'person', clients.claims),
  BLANK: () => judged('valid', 'inactive'),
  SUPERSEDED: () => judged('valid', 'superseded'),
  OFFLINE: () => judged('valid', 'offline'),
  REVOKED: () => judged('revoked', 'refused'),
  EXPIRED: () => judged('expired', 'person', clients.usual, { expiry: '2026-03' }),
  STALE: () => judged('stale', 'refused', null, { age: 9 }),
}
const unknown = () => judged('unknown', 'refused', null, { age: null })

const fail = (code) => {
  throw { code, wait: null }
}
let entries = 0
const kept = (later = false) => {
  entries += 1
  return { ids: [String(entries)], later }
}
const held = (id, more) => ({ id, day: iso(0), services: ['nsp'], enrols: false, obstacle: null, ...more })
const waiting = () => ({
  entries: STAGE.queue ? 3 : entries,
  reports: 0,
  refused: STAGE.queue ? 1 : 0,
  withdrawals: 0,
  later: STAGE.queue ? [held('1', {}), held('2', { enrols: true, obstacle: 'superseded', day: iso(-1) })] : [],
})
let pin = STAGE.pin ?? false
let wrong = 0
let jotted = STAGE.outside ? 2 : 0
const me = () => ({
  name: 'sari',
  role: 'provider-administrator',
  provider: 'Blue House',
  sites: STAGE.sites ?? [SITE],
  offers: STAGE.offers ? [{ site: SITE, services: STAGE.offers }] : [],
  services: SERVICES,
  counted: ['nsp', 'condoms', 'naloxone', 'iec'],
  waits: STAGE.waits === 'given',
  fingerprint: '08373 35972 63844 82931 45884 49220',
  origin: STAGE.waits ? null : 'first administrator 08373 (you), invited by an operator on 2026-01-01',
  pin,
  byPin: STAGE.byPin ?? false,
  notices: STAGE.notices ?? [],
})
const colleague = (id, name, role, more = {}) => ({ id, name, role, admitted: true, revoked: false, me: false, ...more })
const machine = (id, label, day, more = {}) => ({ id, label, day, revoked: false, here: false, ...more })

const calls = {
  device: () => ({ enrolled: STAGE.enrolled ?? true, open: false }),
  enrol: ({ password }) => (password.length < 12 ? fail('typed-short') : undefined),
  signIn: (_, password) => (password === 'wrong' ? fail('not-signed-in') : me()),
  me,
  setPin: (digits) => (/^\d{6}$/.test(digits) ? void (pin = true) : fail('typed-pin')),
  dropPin: () => void (pin = false),
  unlock(digits) {
    if (digits === '271828') return me()
    wrong += 1
    fail(wrong < 5 ? 'pin-wrong' : 'pin-over')
  },
  outside: () => ({ waiting: jotted, services: SERVICES, counted: ['nsp', 'condoms', 'naloxone', 'iec'] }),
  judgeOutside: (text) => ({ ...calls.scan(text), client: null }),
  jot() {
    jotted += 1
    return calls.outside()
  },
  collect: () => 0,
  openByPin(digits) {
    if (STAGE.due) fail('password-needed')
    return digits === '271828' ? me() : fail('pin-wrong')
  },
  sync() {
    entries = 0
    return { sent: 1, received: 0, bound: 0, alarm: false, waiting: waiting() }
  },
  waiting,
  queue: () =>
    STAGE.queue
      ? [
          { id: 'a', refused: false, alias: 'amber river 417', line: line(0, 'visit', 'nsp', 20, 30) },
          { id: 'b', refused: true, alias: 'quiet meadow 052', line: line(-1, 'exited', 'oat-methadone', null, null, 'moved') },
          { id: 'c', refused: false, alias: null, line: null },
        ]
      : [],
  today: () => ({
    overdue: [
      row('late', 'quiet meadow 052', 'oat-methadone', -20, 20, { lost: true }),
      row('usual', 'copper bridge 118', 'art', -9, 9, { attempts: 2 }),
      row('c', 'wild garden 733', 'oat-buprenorphine', -2, 2, { consent: false }),
    ],
    due: [row('d', 'old lantern 009', 'hts', 0, 0), row('e', 'bright field 640', 'legal', 4, 0)],
    seen: [row('usual', 'amber river 417', 'nsp', 0, 0, { services: ['nsp', 'condoms'] })],
  }),
  summary: () => ({
    people: 7,
    enrolled: 2,
    services: [
      { service: 'nsp', visits: 5, quantity: 120 },
      { service: 'condoms', visits: 3, quantity: 40 },
      { service: 'oat-methadone', visits: 2, quantity: 0 },
    ],
  }),
  client: (id) => clients[id] ?? clients.usual,
  scan: (text) => (STAGE.refuses ? fail(STAGE.refuses) : scans[text.split(' ')[0]] ?? unknown)(),
  newCard: () => judged('valid', 'person', clients.fresh),
  replace: () => judged('valid', 'person', clients.usual),
  record({ services }) {
    if (STAGE.keeps) fail(STAGE.keeps)
    clients.usual.history.unshift(...services.map((it) => line(0, 'visit', it.service, it.quantity ?? null)))
    return kept()
  },
  enrolClient: () => kept(),
  exit: () => kept(),
  attempt: () => kept(),
  withdraw(id) {
    const { history } = clients.usual
    const at = history.findIndex((it) => it.id === id)
    if (at < 0) fail('no-event')
    const [gone] = history.splice(at, 1)
    // What was entered today was not sent yet, and is simply forgotten.
    if (gone.day === iso(0)) return undefined
    history.unshift(line(0, 'withdrawn'))
    clients.usual.gone = { at, gone }
    return kept()
  },
  takeBack() {
    entries = 0
    const { gone } = clients.usual
    if (gone) clients.usual.history.splice(gone.at + 1, 0, gone.gone)
    delete clients.usual.gone
    clients.usual.history = clients.usual.history.filter((it) => it.day !== iso(0))
    return true
  },
  colleagues: () => [
    colleague('1', 'sari', 'provider-administrator', { me: true }),
    colleague('2', 'budi', 'outreach-worker', { admitted: false }),
    colleague('3', 'dewi.k', 'clinician'),
    colleague('4', 'old.one', 'clinician', { revoked: true }),
  ],
  terminals: () => [
    machine('p', 'Phone 1', iso(0), { here: true }),
    machine('q', 'Laptop at the desk', iso(-3)),
    machine('r', 'Phone 9', null, { revoked: true }),
  ],
  invite: () => `pyi_${'zHMn49eBBfqGgMmUvEhJQGFPLh'.repeat(5)}`,
  admit: (_, numbers) => (numbers === undefined || numbers === null ? fail('not-invited') : undefined),
  blanks: (count) => Array.from({ length: count }, (_, at) => `BLANK ${at} `.padEnd(150, 'A')),
}

onmessage = ({ data: ask }) => {
  if (ask.kind === 'open') {
    if (STAGE.clock) postMessage({ kind: 'clock', hours: STAGE.clock })
    return postMessage(STAGE.broken ? { kind: 'broken', why: STAGE.broken } : { kind: 'ready' })
  }
  if (ask.kind === 'lock') return
  try {
    const [name, given] = ask.kind === 'call' ? [ask.name, ask.given] : [ask.kind, [ask.pin]]
    postMessage({ kind: 'done', id: ask.id, value: calls[name]?.(...given) })
  } catch (problem) {
    postMessage({ kind: 'failed', id: ask.id, problem: problem.code ? problem : { code: String(problem), wait: null } })
  }
}
