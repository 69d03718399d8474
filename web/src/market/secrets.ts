/** One-time secrets of orders, in this browser's IndexedDB. Who loses one has paid for nothing. */

export interface Secret {
  /** Order id in hex: the key of the record. */
  order: string
  chain_id: string
  buyer: string
  sha256: string
  /** 32 bytes in hex. */
  secret: string
  /** Unix seconds. */
  made: number
}

const name = 'virusmap'
const table = 'order-secrets'

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'order' })
  return settled(request)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Stores, and returns when it is on disk. */
export async function keepSecrets(secrets: readonly Secret[]): Promise<void> {
  const db = await open()
  try {
    const change = db.transaction(table, 'readwrite', { durability: 'strict' })
    for (const secret of secrets) change.objectStore(table).put(secret)
    await new Promise<void>((resolve, reject) => {
      change.oncomplete = () => resolve()
      change.onerror = change.onabort = () => reject(change.error)
    })
  } finally {
    db.close()
  }
}

export async function secretOf(order: string): Promise<Secret | undefined> {
  const db = await open()
  try {
    return await settled(db.transaction(table).objectStore(table).get(order) as IDBRequest<Secret | undefined>)
  } finally {
    db.close()
  }
}

/** The text of a backup file. */
export const backup = (secrets: readonly Secret[]): string => JSON.stringify({ virusmap_order_secrets: 1, secrets }, null, 2) + '\n'

const maxBackup = 1 << 20

/** Reads a backup; an Error names what is wrong with it. */
export function readBackup(text: string): Secret[] {
  if (text.length > maxBackup) throw new Error(`backup: ${text.length} characters, want at most ${maxBackup}`)
  let parsed: { virusmap_order_secrets?: unknown; secrets?: unknown }
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Error('backup: is no JSON')
  }
  if (parsed?.virusmap_order_secrets !== 1 || !Array.isArray(parsed.secrets)) throw new Error('backup: holds no secrets of orders')
  return parsed.secrets.map(readSecret)
}

function readSecret(value: Partial<Secret>): Secret {
  const hex32 = /^[0-9a-f]{64}$/
  for (const field of ['order', 'sha256', 'secret'] as const) {
    if (!hex32.test(String(value?.[field]))) throw new Error(`backup: ${field} is not the hex of 32 bytes`)
  }
  const { order, sha256, secret, chain_id = '', buyer = '', made = 0 } = value as Secret
  return { order, sha256, secret, chain_id: String(chain_id), buyer: String(buyer), made: Number(made) }
}
