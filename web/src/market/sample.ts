/** From a file key to the file: the ciphertext, its plaintext, and how it is saved. */
import { Decrypter, Encrypter } from 'age-encryption'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js'

/** Larger ones are for the command line, which streams. */
export const maxBytes = 256 << 20

/** Among those who exchange malware every archive has this password. */
export const zipPassword = 'infected'

/** What was opened is not what its hash says. */
export class OtherContentError extends Error {
  override name = 'OtherContentError'
  readonly textKey = 'order.error.content'
}

/** Opens a ciphertext of the vault with its file key, and checks the content's SHA-256 (hex). */
export async function decrypt(ciphertext: Uint8Array, fileKey: Uint8Array, contentSHA256: string): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  decrypter.addIdentity({ unwrapFileKey: () => fileKey })
  const content = await decrypter.decrypt(ciphertext)
  if (bytesToHex(sha256(content)) !== contentSHA256) throw new OtherContentError('the content is not what its hash says')
  return content
}

/** <sha256>.zip with the traditional encryption, which every tool opens. */
export async function asZip(content: Uint8Array, name: string): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter('application/zip'), { password: zipPassword, zipCrypto: true, useWebWorkers: false })
  await writer.add(name, new Uint8ArrayReader(content))
  return writer.close()
}

/** An age file with a password. */
export async function asAge(content: Uint8Array, password: string): Promise<Blob> {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(password)
  encrypter.setScryptWorkFactor(15)
  return new Blob([new Uint8Array(await encrypter.encrypt(content))], { type: 'application/octet-stream' })
}
