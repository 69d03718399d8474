import { fromBase64, toBase64, toHex } from '@cosmjs/encoding'
import { Secp256k1, Secp256k1Signature, sha256 } from '@cosmjs/crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../chain/amino'
import vector from '../chain/testdata/statement.json'
import txs from '../chain/testdata/txs.json'
import { drop, keep, readKept } from './kept'
import { newWords } from './local'
import { LocalSigner } from './signer'
import { commentStatement, keyStatement, statementDoc, voteStatement } from './statement'
import { decryptWords, encryptWords, isKeyFile, WrongPasswordError } from './words'

const quick = 10 // scrypt's work factor in tests
const password = 'correct horse battery'

test('words come back with the password, and with no other', async () => {
  const file = await encryptWords(txs.mnemonic, password, quick)
  expect(isKeyFile(file)).toBe(true)
  expect(file).not.toContain('abandon')
  expect(await decryptWords(file, password)).toBe(txs.mnemonic)
  await expect(decryptWords(file, password + ' ')).rejects.toThrow(WrongPasswordError)
  await expect(decryptWords(file.replace(/\n[A-Za-z0-9+/]{4}/, '\nAAAA'), password)).rejects.toThrow(WrongPasswordError)
})

test('two files of the same words differ', async () => {
  expect(await encryptWords('a', password, quick)).not.toBe(await encryptWords('a', password, quick))
})

test('a short password is refused', async () => {
  await expect(encryptWords('a', '123456789', quick)).rejects.toThrow('at least 10')
})

test('24 words are new each time, and give an account', async () => {
  const words = newWords()
  expect(words.split(' ')).toHaveLength(24)
  expect(newWords()).not.toBe(words)
  expect((await LocalSigner.fromMnemonic(`  ${words.toUpperCase().replaceAll(' ', '\n')} `, 'vmt')).address).toMatch(/^vmt1/)
})

test.each(['', 'abandon', txs.mnemonic.replace(/art$/, 'abandon'), txs.mnemonic.replace('abandon', 'abandn')])(
  'words that are none are refused: %s', async (words) => {
    await expect(LocalSigner.fromMnemonic(words, 'vmt')).rejects.toThrow()
  })

test('what is kept is read back, and nothing else', () => {
  const items = new Map<string, string>()
  const storage = {
    getItem: (k: string) => items.get(k) ?? null, setItem: (k: string, v: string) => void items.set(k, v),
    removeItem: (k: string) => void items.delete(k),
  } as unknown as Storage
  const kept = { version: 1 as const, address: 'vmt1', name: 'me', file: 'x' }
  keep(kept, storage)
  expect(readKept(storage)).toEqual(kept)
  for (const bad of ['{', '[]', '{"version":2,"address":"a","file":"b"}', '{"version":1}']) {
    items.set('wallet.local', bad)
    expect(readKept(storage)).toBeNull()
  }
  drop(storage)
  expect(readKept(storage)).toBeNull()
})

test('a statement of a key is the one that the node verifies, and so is its signature', async () => {
  const text = keyStatement(vector.chain_id, vector.account, vector.api_key, vector.issued, vector.expires)
  expect(text).toBe(vector.statement)
  const signer = await LocalSigner.fromPrivateKey(fromBase64(vector.private_key), 'vmt')
  expect(signer.address).toBe(vector.account)
  expect(toBase64(signer.publicKey)).toBe(vector.pub_key)
  const doc = statementDoc(signer.address, text)
  expect(canonicalJson(doc)).toBe(vector.sign_doc)
  const { signature } = await signer.signAmino(doc)
  expect(signature.signature).toBe(vector.signature)
  const parsed = Secp256k1Signature.fromFixedLength(fromBase64(signature.signature))
  expect(await Secp256k1.verifySignature(parsed, sha256(new TextEncoder().encode(vector.sign_doc)), signer.publicKey)).toBe(true)
})

test('statements of comments and votes', () => {
  const hash = toHex(sha256(new TextEncoder().encode('née\n')))
  expect(commentStatement('virusmap-1', 'vmt1a', 'file', 'ab', 1893553445, 'née\n')).toBe(
    `VirusMap comment\nchain: virusmap-1\naccount: vmt1a\nitem: file/ab\ntime: 2030-01-02T03:04:05Z\ntext-sha256: ${hash}`)
  expect(voteStatement('virusmap-1', 'vmt1a', 'domain', 'example.org', 1893553445, 'malicious')).toBe(
    'VirusMap vote\nchain: virusmap-1\naccount: vmt1a\nitem: domain/example.org\ntime: 2030-01-02T03:04:05Z\nverdict: malicious')
})
