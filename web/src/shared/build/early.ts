// What a page needs at first comes in few files: a browser asks for six at a time, and whatever waits for its turn costs a whole way there
// and back. The first script goes before all others: it is small, and asks for the words at once; the bundler would make one of all scripts
// of a page, and whatever one asks for, it asks when the last of it has arrived.
import type { Plugin } from 'vite'

/** The words, and what the bundler asks for them with. */
const FIRST = /\/shared\/i18n\/catalogs\.ts$|vite\/preload-helper/
/** What entrances have in common, and how everything looks. */
const COMMON = /\/node_modules\/|\/src\/shared\/|[?&]type=style/
/** Apart from it: who loads this names the core, and keeps it for times without a network. */
const CORE = /\/src\/core\//

interface Graph {
  getModuleInfo(id: string): { importedIds: string[] } | null
}

/** The files of what is needed at first: the words, and everything common that the entrance `main` needs. The rest is the bundler's choice. */
export function groups(main: string) {
  let needed: Set<string> | undefined
  const page = (id: string, graph: Graph) => {
    needed ??= reached(main, graph)
    return needed.has(id) ? 'page' : null
  }
  return [
    { name: 'words', test: FIRST, priority: 2, includeDependenciesRecursively: false },
    { name: 'core', test: CORE, priority: 1, includeDependenciesRecursively: false },
    { name: page, test: COMMON, includeDependenciesRecursively: false },
  ]
}

/** A module and all that it imports, and these in turn. */
function reached(main: string, graph: Graph): Set<string> {
  const found = new Set([main])
  for (const id of found) for (const next of graph.getModuleInfo(id)?.importedIds ?? []) found.add(next)
  return found
}

export function early(): Plugin {
  return {
    name: 'early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const chunk = Object.values(bundle).find((it) => it.type === 'chunk' && it.name === 'words')
        if (!chunk) throw new Error('no first script')
        return [{ tag: 'script', attrs: { type: 'module', async: true, crossorigin: true, src: `/${chunk.fileName}` }, injectTo: 'head-prepend' }]
      },
    },
  }
}
