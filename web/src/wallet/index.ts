import { readable, type Readable } from 'svelte/store'

export interface Wallet {
  status: string
  address: string
  name: string
  kind: 'keplr' | 'local'
}

export const wallet: Readable<Wallet | null> = readable<Wallet | null>(null)

export function connect(_kind: 'keplr' | 'local'): Promise<void> {
  return Promise.reject(new Error('this build has no wallet'))
}

export function disconnect(): void {}

export function signStatement(_text: string): Promise<{ statement: string; pub_key: string; signature: string }> {
  return Promise.reject(new Error('this build has no wallet'))
}
