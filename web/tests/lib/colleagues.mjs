// Two people who have to trust each other's keys before both can see clients.
import { pickSite, signIn, tab } from './browser.mjs'

/** A newcomer reads out their numbers, an administrator types them, and the newcomer types the administrator's in turn. */
export async function beLetIn(page, administrator, { name, password }) {
  const waits = page.getByRole('heading', { name: 'A colleague has to let you in' })
  const giver = page.getByLabel('Numbers of the colleague who lets you in')
  const inside = page.locator('nav')
  if (await waits.isVisible()) await letIn(administrator, name, await page.locator('.groups').innerText())
  for (let tries = 0; !(await inside.isVisible()) && tries < 6; tries += 1) {
    if (await giver.isVisible()) {
      await giver.fill(await ownNumbers(administrator))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await inside.waitFor()
      break
    }
    await page.waitForTimeout(tries * 1000)
    await page.getByRole('button', { name: 'Look again' }).click()
    await signIn(page, name, password)
    await inside.or(giver).or(waits).first().waitFor()
  }
  await pickSite(page)
}

async function ownNumbers(page) {
  await tab(page, 'nav.more')
  await page.getByRole('button', { name: 'Settings' }).click()
  return page.getByText(/^(\d{5}\s+){5}\d{5}$/).innerText()
}

async function letIn(page, name, numbers) {
  await tab(page, 'nav.more')
  await page.getByRole('button', { name: 'Staff and devices' }).click()
  const row = page.getByRole('listitem').filter({ hasText: name })
  await row.waitFor()
  const open = row.getByRole('button', { name: 'Let in' })
  // The demonstration lets its own guests in, and may have been faster.
  if (!(await open.isVisible())) return
  await open.click()
  await page.getByRole('button', { name: 'Let in', exact: true }).click()
  const done = page.getByRole('heading', { name: `${name} can see clients now.` })
  const compare = page.getByLabel('Numbers', { exact: true })
  await done.or(compare).first().waitFor()
  if (await compare.isVisible()) {
    await compare.fill(numbers)
    await page.getByRole('button', { name: 'Compare and let in' }).click()
  }
  await done.waitFor()
}
