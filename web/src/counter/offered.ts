// What the place offers where somebody works: what can be recorded there.
import type { Given } from '../core/index.ts'
import { desk } from './desk.svelte.ts'

const here = () => desk.me?.offers.find((it) => it.site === desk.site)?.services

/** Services in the order of the definitions; all of them where nothing else is said. */
export function offered(): string[] {
  const [all, said] = [desk.me?.services ?? [], here()]
  return said ? all.filter((it) => said.includes(it)) : all
}

/** What of an earlier visit can be given here again. */
export function offeredOf(given: readonly Given[]): Given[] {
  const said = here()
  return given.filter((it) => said?.includes(it.service) ?? true)
}
