import { fromBase64, fromHex, toHex } from '@cosmjs/encoding'
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { BlobReader, TextWriter, ZipReader, type FileEntry } from '@zip.js/zip.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import v from '../chain/testdata/exchange.json'
import { commitsTo, exchangeInfo, newOneTimeKey, oneTimeKeySize, openFileKey, orderId } from './exchange'
import { asAge, asZip, decrypt, OtherContentError, zipPassword } from './sample'
import { backup, readBackup } from './secrets'

const bytes = fromBase64

test('an order has the id that the chain gives it', () => {
  expect(orderId(v.buyer, bytes(v.sha256), bytes(v.one_time_key))).toEqual(bytes(v.order_id))
})

test('a key that was sealed by a supernode opens', async () => {
  const info = exchangeInfo(v.chain_id, bytes(v.order))
  expect(info).toEqual(bytes(v.info))
  const fileKey = await openFileKey(bytes(v.secret), info, bytes(v.sealed))
  expect(fileKey).toEqual(bytes(v.file_key))
  expect(commitsTo(bytes(v.commitment), fileKey)).toBe(true)
  expect(commitsTo(bytes(v.commitment), fileKey.fill(0))).toBe(false)
})

test.each([
  ['another chain', exchangeInfo('virusmap-2', bytes(v.order)), bytes(v.sealed), bytes(v.secret)],
  ['another order', exchangeInfo(v.chain_id, bytes(v.order_id)), bytes(v.sealed), bytes(v.secret)],
  ['another secret', bytes(v.info), bytes(v.sealed), bytes(v.sha256)],
  ['a changed key', bytes(v.info), bytes(v.sealed).map((b, i) => (i === 1151 ? b ^ 1 : b)), bytes(v.secret)],
  ['a short key', bytes(v.info), bytes(v.sealed).subarray(1), bytes(v.secret)],
])('it does not open for %s', async (_, info, sealed, secret) => {
  await expect(openFileKey(secret, info, sealed)).rejects.toThrow()
})

test('one-time keys have the sizes that the chain asks for, and are new', async () => {
  const made = await newOneTimeKey()
  expect([made.secret.length, made.publicKey.length]).toEqual([32, oneTimeKeySize])
  expect((await newOneTimeKey()).secret).not.toEqual(made.secret)
})

test('a ciphertext opens with its file key alone', async () => {
  const content = new Uint8Array(200_000).map((_, i) => i % 251)
  const identity = await generateHybridIdentity()
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(identity))
  const ciphertext = await encrypter.encrypt(content)
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  const fileKey = await decrypter.decryptHeader(ciphertext)
  expect(await decrypt(ciphertext, fileKey, toHex(sha256(content)))).toEqual(content)
  await expect(decrypt(ciphertext, fileKey, toHex(sha256(fileKey)))).rejects.toThrow(OtherContentError)
  await expect(decrypt(ciphertext, fileKey.map((b) => b ^ 1), toHex(sha256(content)))).rejects.toThrow()
})

test('what is saved opens with its password', async () => {
  const content = new TextEncoder().encode('harmless')
  const reader = new ZipReader(new BlobReader(await asZip(content, 'ab')), { password: zipPassword, useWebWorkers: false })
  const [entry] = await reader.getEntries()
  expect([entry!.filename, entry!.encrypted]).toEqual(['ab', true])
  expect(await (entry as FileEntry).getData!(new TextWriter())).toBe('harmless')
  const decrypter = new Decrypter()
  decrypter.addPassphrase('a password')
  const file = new Uint8Array(await (await asAge(content, 'a password')).arrayBuffer())
  expect(await decrypter.decrypt(file, 'text')).toBe('harmless')
})

test('a backup is read as it was written, and nothing else', () => {
  const secret = { order: 'a'.repeat(64), chain_id: 'c', buyer: 'vmt1', sha256: 'b'.repeat(64), secret: 'c'.repeat(64), made: 1 }
  expect(readBackup(backup([secret]))).toEqual([secret])
  expect(fromHex(secret.secret)).toHaveLength(32)
  for (const bad of ['', '{}', 'null', '{"virusmap_order_secrets":1,"secrets":[{}]}', backup([{ ...secret, secret: 'zz' }])]) {
    expect(() => readBackup(bad)).toThrow('backup:')
  }
})
