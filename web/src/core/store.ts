// Sealed bytes under a name, in the browser's database. Nothing else is ever kept there.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Place } from './messages.ts'

interface Kept extends DBSchema {
  sealed: { key: string; value: Uint8Array }
}

export interface Store {
  load(name: string): Promise<Uint8Array | undefined>
  has(name: string): Promise<boolean>
  replace(name: string, bytes: Uint8Array): Promise<void>
  /** Deletes everything, for good. */
  wipe(): Promise<void>
}

export async function openStore(place: Place): Promise<Store> {
  let base: IDBPDatabase<Kept> | undefined
  const open = async (): Promise<IDBPDatabase<Kept>> => {
    base ??= await openDB<Kept>(`umbrella-${place}`, 1, {
      upgrade: (fresh) => void fresh.createObjectStore('sealed'),
      // The browser may close a database, after a long sleep or when it clears space: it is opened again.
      terminated: () => (base = undefined),
    })
    return base
  }
  await open()
  return {
    load: async (name) => (await open()).get('sealed', name),
    has: async (name) => (await (await open()).count('sealed', name)) > 0,
    replace: async (name, bytes) => {
      // Nothing to keep: the entry goes.
      // Strict: it is on the disk when this is done, so a killed browser loses nothing that a page called saved.
      const step = (await open()).transaction('sealed', 'readwrite', { durability: 'strict' })
      await Promise.all([bytes.length > 0 ? step.store.put(bytes, name) : step.store.delete(name), step.done])
    },
    wipe: async () => {
      const step = (await open()).transaction('sealed', 'readwrite', { durability: 'strict' })
      await Promise.all([step.store.clear(), step.done])
    },
  }
}
