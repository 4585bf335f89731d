// Tells the service worker which files each entrance needs: everything that its page names, and what these name in turn.
import type { Plugin } from 'vite'

type Lists = Record<string, { version: string; files: string[] }>

/** Replaced in the service worker by the lists. */
const MARK = /\b__FILES__\b/

export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const texts = new Map<string, string>()
        for (const [name, it] of Object.entries(bundle)) {
          const source = it.type === 'chunk' ? it.code : it.source
          texts.set(name, typeof source === 'string' ? source : /\.(js|css|html)$/.test(name) ? new TextDecoder().decode(source) : '')
        }
        const lists: Lists = {}
        for (const [name, text] of texts) {
          const place = /^(\w+)\/index\.html$/.exec(name)?.[1]
          if (place) lists[place] = list(place, text, texts)
        }
        const worker = bundle['sw.js']
        if (worker?.type === 'chunk') worker.code = worker.code.replace(MARK, () => JSON.stringify(lists))
      },
    },
  }
}

function list(place: string, page: string, texts: Map<string, string>): Lists[string] {
  const named = new Set<string>()
  const left = [page]
  for (let text = left.pop(); text !== undefined; text = left.pop()) {
    for (const [file, content] of texts) {
      // Names hold a hash of what is in them: a text that holds the name means the file.
      if (!file.startsWith('assets/') || named.has(file) || !text.includes(file.slice('assets/'.length))) continue
      named.add(file)
      left.push(content)
    }
  }
  // Icons and the like, which the page names by their place.
  const plain = [...page.matchAll(/(?:href|src)="\/([^"]+)"/g)].map((it) => it[1] ?? '')
  const files = [...new Set([...named, ...plain])].sort().map((it) => `/${it}`)
  return { version: mark([page, ...files].join('\n')), files: [`/${place}/`, ...files] }
}

/** A short mark of a text (FNV-1a): tells versions apart, and proves nothing. */
function mark(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16)
}
