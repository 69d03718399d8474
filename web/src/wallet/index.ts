/**
 * The wallet of this page: Keplr, or a key that is kept in this browser. Whatever is signed is
 * shown first. Heavy code is loaded when a wallet is used.
 */
import { get, writable, type Readable } from 'svelte/store'
import { info } from '../api/node'
import type { TypedMessage } from '../chain/registry'
import type { Included } from '../chain/send'
import type { Account, Kind } from './account'
import { WalletError } from './errors'
import { readKept } from './kept'
import { prompts } from './prompts.svelte'
import type { SignMode } from './signer'
import type { SignedStatement } from './statement'

export { RejectedError, WalletError } from './errors'
export type { Kind } from './account'
export type { SignedStatement } from './statement'

export interface Wallet {
  /** A locked one shows its address, and asks for its password when it has to sign. */
  status: 'connected' | 'locked'
  address: string
  name: string
  kind: Kind
}

const kindKey = 'wallet.kind'
const modeKey = 'wallet.mode'
/** A local key is locked when nothing was done on the page for so long. */
const lockAfterMilliseconds = 15 * 60_000

const store = writable<Wallet | null>(null)
/** The wallet in use, or null. */
export const wallet: Readable<Wallet | null> = store
let account: Account | null = null

/** Connects; without a kind the person chooses. RejectedError when that is called off. */
export async function connect(kind?: Kind): Promise<Wallet> {
  if (kind === 'keplr') return use(await openKeplr())
  return use(await prompts.ask<'connect'>({ ask: 'connect', kind }))
}

/** Forgets the connection. A key that is kept in this browser stays, locked. */
export function disconnect(): void {
  close()
  localStorage.removeItem(kindKey)
  store.set(null)
}

/** Locks the local key. */
export function lock(): void {
  const was = get(store)
  close()
  if (was?.kind === 'local') store.set({ ...was, status: 'locked' })
}

/** Has the wallet sign a text (ADR-036), connecting and unlocking first if need be. */
export async function signStatement(text: string): Promise<SignedStatement> {
  const signer = await ready()
  return signer.asks ? signer.signStatement(text) : prompts.ask<'statement'>({ ask: 'statement', account: signer, text })
}

/** Shows the messages with their fee, has them signed, and waits until they are in a block. */
export async function send(msgs: readonly TypedMessage[], memo = ''): Promise<Included> {
  return prompts.ask<'send'>({ ask: 'send', account: await ready(), msgs, memo })
}

/** How transactions are signed when the wallet leaves the choice. */
export function signMode(): SignMode {
  return localStorage.getItem(modeKey) === 'amino' ? 'amino' : 'direct'
}

/** Chooses it; the wallet is connected anew for its next signature. */
export async function setSignMode(mode: SignMode): Promise<void> {
  localStorage.setItem(modeKey, mode)
  const was = get(store)
  if (was?.kind === 'keplr') use(await openKeplr())
  else lock()
}

/** Takes up the wallet of the last visit: a local key locked, Keplr when it lets this page. */
export async function restore(): Promise<void> {
  const kind = localStorage.getItem(kindKey)
  const kept = readKept()
  if (kind === 'local' && kept) store.set({ status: 'locked', address: kept.address, name: kept.name, kind })
  if (kind === 'keplr') await openKeplr().then(use, () => disconnect())
}

async function ready(): Promise<Account> {
  const was = get(store)
  if (!account) await connect(was?.kind === 'local' ? 'local' : undefined)
  if (!account) throw new WalletError('wallet.error.none')
  return account
}

async function openKeplr(): Promise<Account> {
  const { connectKeplr } = await import('./keplr')
  return connectKeplr(await info(), signMode() === 'amino', keplrChanged)
}

/** Its person chose another account. */
export function keplrChanged(): void {
  void openKeplr().then(use, () => disconnect())
}

function use(next: Account): Wallet {
  close()
  account = next
  const { kind, address, name } = next
  localStorage.setItem(kindKey, kind)
  const shown: Wallet = { status: 'connected', address, name, kind }
  store.set(shown)
  if (kind === 'local') watch()
  return shown
}

function close(): void {
  account?.close()
  account = null
  clearTimeout(timer)
  for (const event of signsOfLife) removeEventListener(event, watch)
}

const signsOfLife = ['pointerdown', 'keydown'] as const
let timer: ReturnType<typeof setTimeout> | undefined

function watch(): void {
  clearTimeout(timer)
  timer = setTimeout(lock, lockAfterMilliseconds)
  for (const event of signsOfLife) addEventListener(event, watch, { passive: true })
}
