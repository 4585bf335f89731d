// The words of the pages: complete in every language, and nothing in them tells what the service is about.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const languages = ['en', 'id', 'ru', 'ky']
const catalogs = Object.fromEntries(languages.map((it) => [it, JSON.parse(read(`i18n/${it}.json`))]))

/** What nobody may read over a shoulder, as parts of words. */
const revealing = {
  en: ['needle', 'syringe', 'harm', 'drug', 'opioid', 'opiate', 'methadone', 'buprenorphine', 'naloxone', 'hiv', 'aids', 'hepatitis',
    'tubercul', 'condom', 'clinic', 'patient', 'disease', 'infect', 'therapy', 'treatment', 'inject', 'overdose', 'sex'],
  id: ['jarum', 'suntik', 'napza', 'narkoba', 'narkotik', 'metadon', 'buprenorfin', 'nalokson', 'hiv', 'hepatitis', 'tuberkul', 'kondom',
    'klinik', 'pasien', 'penyakit', 'infeksi', 'terapi', 'pengobatan', 'obat', 'overdosis', 'seks'],
  ru: ['игл', 'шприц', 'нарко', 'наркот', 'опиоид', 'метадон', 'бупренорфин', 'налоксон', 'вич', 'спид', 'гепатит', 'туберкул', 'презерватив',
    'клиник', 'пациент', 'болезн', 'инфекц', 'терапи', 'лечени', 'инъекц', 'передоз', 'полов'],
  ky: ['ийне', 'шприц', 'нарко', 'баңги', 'опиоид', 'метадон', 'бупренорфин', 'налоксон', 'вич', 'спид', 'гепатит', 'учук', 'презерватив',
    'клиник', 'бейтап', 'оору', 'инфекц', 'терапи', 'дарыло', 'дары', 'инъекц', 'жыныс'],
}
const everywhere = [...new Set([...revealing.en, ...revealing.id, ...revealing.ru, ...revealing.ky])]

/** The page that says what short names mean is opened on purpose, alone, and shows what its heading says. */
const legend = (key) => key.startsWith('meaning.') && !['meaning.title', 'meaning.lead'].includes(key)
const forms = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))
const hits = (text, parts) => {
  // Beginnings of words only, so that "other" is no "the" and the like.
  const words = text.toLowerCase().split(/[^\p{L}]+/u)
  return parts.filter((part) => words.some((word) => word.startsWith(part)))
}

test('nothing revealing on any screen, title or print', () => {
  const found = []
  for (const language of languages) {
    for (const [key, entry] of Object.entries(catalogs[language])) {
      if (legend(key)) continue
      for (const text of forms(entry)) for (const hit of hits(text, revealing[language])) found.push(`${language} ${key}: ${hit}`)
    }
  }
  assert.deepEqual(found, [])
})

test('nothing revealing in pages, manifests and names of files', () => {
  const found = []
  for (const place of ['counter', 'operator', 'card']) {
    for (const path of [`${place}/index.html`, `public/${place}/app.webmanifest`]) {
      for (const hit of hits(read(path), everywhere)) found.push(`${path}: ${hit}`)
    }
    // Names of files become names of chunks, which the network and the cache show.
    for (const name of readdirSync(new URL(`src/${place}/`, root), { recursive: true })) {
      for (const hit of hits(String(name), everywhere)) found.push(`${place}/${name}: ${hit}`)
    }
  }
  assert.deepEqual(found, [])
})

test('every language says everything, with the same gaps to fill', () => {
  const gaps = (entry) => [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].sort()
  for (const language of languages) {
    const words = catalogs[language]
    assert.deepEqual(Object.keys(words).sort(), Object.keys(catalogs.en).sort(), language)
    const rules = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const [key, entry] of Object.entries(words)) {
      assert.ok(!JSON.stringify(entry).includes('§'), `${language} ${key} is not translated`)
      assert.deepEqual(gaps(entry), gaps(catalogs.en[key]), `${language} ${key}`)
      if (typeof catalogs.en[key] === 'string') continue
      assert.deepEqual(Object.keys(entry).sort(), [...rules].sort(), `${language} ${key}: plural forms`)
    }
  }
})

test('every cause of the core has words', () => {
  const files = readdirSync(new URL('core/src/', root), { recursive: true }).filter((it) => it.endsWith('.rs'))
  const own = files.map((it) => read(`core/src/${it}`)).join('\n')
  const causes = [
    ...[...read('core/src/fault.rs').matchAll(/=> "([a-z-]+)"/g)].map((it) => it[1]),
    ...[...own.matchAll(/named\("([a-z-]+)"/g)].map((it) => it[1]),
  ]
  assert.ok(causes.length > 50)
  const missing = causes.filter((it) => !(`error.${it}` in catalogs.en))
  assert.deepEqual(missing, [])
})

test('every word is used', () => {
  const sources = readdirSync(new URL('src/', root), { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && /\.(ts|svelte)$/.test(it.name))
    .map((it) => readFileSync(`${it.parentPath}/${it.name}`, 'utf8'))
    .join('\n')
  // Keys that are put together end in a word of the core.
  const made = ['error.', 'role.', 'service.', 'meaning.', 'reason.', 'attempt.', 'standing.', 'kind.', 'notice.', 'op.limit.', 'op.quarter.', 'op.budget.', 'scan.camera.', 'nav.', 'waiting.obstacle.']
  const unused = Object.keys(catalogs.en).filter(
    (key) => !sources.includes(`'${key}'`) && !made.some((it) => key.startsWith(it)),
  )
  assert.deepEqual(unused.join(' '), '')
})
