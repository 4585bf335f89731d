// Chromium at a running service. `PAYUNG_DEMO` names the demo.json of `payung demo`.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { chromium } from 'playwright-core'

import { textOf } from './cards.mjs'
import { keepCard, keepSecret, record } from './record.mjs'
import { words } from './words.mjs'

export const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What the demonstration made, or nothing: tests that need it are skipped then. */
export const demo = process.env.PAYUNG_DEMO ? JSON.parse(readFileSync(process.env.PAYUNG_DEMO, 'utf8')) : undefined
export const skip = demo ? false : 'PAYUNG_DEMO is not set'

/** Passwords of people who accept an invitation here. */
export const PASSWORD = 'copper lantern walks north'
keepSecret('password', PASSWORD)
for (const it of demo?.people ?? []) keepSecret('password', it.password)

export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.PAYUNG_CHROMIUM ?? '/usr/bin/chromium',
    args: [...ARGS, ...more],
  })
}

/** One device: nothing that another device keeps is there. It is watched: nothing leaves the origin, and nothing tells a secret. */
export async function device(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB', ...options })
  const seen = record(context)
  const strangers = []
  const faults = []
  const home = new URL(demo.pages.counter).origin
  context.on('request', (request) => {
    const address = request.url()
    if (!address.startsWith('data:') && !address.startsWith('blob:') && new URL(address).origin !== home) {
      strangers.push(address)
    }
  })
  context.on('weberror', (error) => faults.push(error.error().message))
  const page = await context.newPage()
  page.on('console', (it) => {
    if (it.type() === 'error' && /Content Security Policy/i.test(it.text())) faults.push(it.text())
  })
  return {
    context,
    page,
    async end() {
      await seen.check()
      await context.close()
      assert.deepEqual(strangers, [], 'requests to another origin')
      assert.deepEqual(faults, [], 'errors of the page')
    },
  }
}

/** Opens the counter as this person: by the invitation, or by name and password. */
export async function enter(page, person, { language = 'en', name = person.name, label = 'Phone 1' } = {}) {
  const t = words(language)
  const field = (key) => page.getByLabel(t[key], { exact: true })
  const password = person.invitation ? PASSWORD : person.password
  await page.goto(person.invitation ?? demo.pages.counter)
  if (person.invitation) {
    await field('accept.name').fill(name)
    await field('accept.password').fill(password)
    await field('accept.label').fill(label)
    await page.getByRole('button', { name: t['accept.submit'], exact: true }).click()
  } else {
    await signIn(page, name, password, language)
  }
  await page.getByRole('heading', { name: t['waits'] }).or(page.locator('nav')).first().waitFor({ timeout: 30_000 })
  await pickSite(page, language)
  return { name, password }
}

export async function signIn(page, name, password, language = 'en') {
  const t = words(language)
  await page.getByLabel(t['sign-in.name'], { exact: true }).fill(name)
  await page.getByLabel(t['sign-in.password'], { exact: true }).fill(password)
  await page.getByRole('button', { name: t['sign-in.submit'], exact: true }).click()
}

/** Answers "Where are you?" when it is asked. */
export async function pickSite(page, language = 'en') {
  const t = words(language)
  const asks = page.getByRole('heading', { name: t['settings.site'], exact: true })
  const scans = page.getByRole('button', { name: t['scan.start'], exact: true })
  const waits = page.getByRole('heading', { name: t['waits'], exact: true })
  await asks.or(scans).or(waits).first().waitFor({ timeout: 15_000 })
  if (await asks.isVisible()) await page.getByRole('button', { name: t['go-on'], exact: true }).click()
}

/** Presses one of the four words. */
export async function tab(page, key, language = 'en') {
  await page.locator('nav').getByRole('button', { name: words(language)[key] }).click()
}

/** Chooses a picture of a card, and answers what the verdict says. */
export async function choose(page, picture, language = 'en') {
  keepCard(await textOf(picture))
  const t = words(language)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: t['scan.picture'], exact: true }).click(),
  ])
  await chooser.setFiles(picture)
  return verdict(page)
}

export async function verdict(page) {
  const status = page.getByRole('status').filter({ hasText: /\S/ })
  await status.waitFor({ timeout: 15_000 })
  return (await status.textContent()) ?? ''
}

/** The heading of the screen; an alias is a secret from now on. */
export async function heading(page) {
  const text = ((await page.getByRole('heading', { level: 1 }).textContent()) ?? '').trim()
  if (/^\S+ \S+ \d+$/.test(text)) keepSecret('alias', text)
  return text
}
