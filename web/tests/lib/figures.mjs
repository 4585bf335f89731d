// What the service publishes, for tests of the screens alone: releases of quarters and the account of the budget.
const quarter = (number) => `${Math.floor(number / 4)}Q${(number % 4) + 1}`
const today = () => new Date().toISOString().slice(0, 10)

/** The last release is `closed` quarters ago and the first `series` before it; none without `closed`. `again`: one was counted again. */
function releases({ now = today(), closed, series = 5, again }) {
  if (closed === undefined) return []
  const last = Number(now.slice(0, 4)) * 4 + Math.ceil(Number(now.slice(5, 7)) / 3) - 1 - closed
  const all = Array.from({ length: series }, (_, at) => ({ period: quarter(last - series + 1 + at), version: 1, hash: 'ab'.repeat(32) }))
  if (again) all.splice(-1, 0, { ...all.at(-2), version: 2 })
  return all
}

/** As the service words it; `begun`: a closing that is not finished holds a part. */
function ledger({ now = today(), closed, begun }) {
  const year = Number(now.slice(0, 4))
  const rho = 88_200_000
  const table = (reserved) => ({ table: 'A', share: rho, released: 0, reserved, left: 0 })
  const view = (year, spent, reserved) => ({ year, budget: 'default', tables: [table(reserved)], spent, left: rho - spent, bound: spent, epsilon: [] })
  const years = closed === undefined ? [] : [view(year - 1, 70_400_000, 0), ...(begun ? [view(year, 31_000_000, 9_800_000)] : [])]
  return { budget: 'default', budgets: [{ year: year - 1, budget: 'default' }, { year: year + 1, budget: 'strict' }], years }
}

/** When the programme began: so many quarters ago, or never; `start` null where the first that is closed begins the series. */
const programme = ({ start = '2024-02-01' }) => ({
  start,
  first: start && `${start.slice(0, 4)}Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`,
})

/** Answers the page's questions in the service's place, on the day `now`; `strange` in place of the releases. */
export async function serves(context, figures = { closed: 1 }) {
  const { now, status, strange } = figures
  if (now) await context.clock.setFixedTime(`${now}T09:00:00`)
  const answer = (json) => (route) => (status ? route.fulfill({ status, json: { status } }) : route.fulfill({ json }))
  await context.route('**/v1/releases', answer(strange ?? releases(figures)))
  await context.route('**/v1/ledger', answer(ledger(figures)))
  await context.route('**/v1/programme', answer(programme(figures)))
}
