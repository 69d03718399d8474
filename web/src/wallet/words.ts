/**
 * The local key at rest: an armored age file with the words, encrypted by a password (scrypt,
 * 2^17). `age -d` opens the same file, so that a backup needs nothing of this page.
 */
import { armor, Decrypter, Encrypter } from 'age-encryption'

/** 128 MiB and most of a second: what a phone can bear. */
const workFactor = 17
export const minPassword = 10
/** A file of 24 words is about 600 bytes. */
const maxFile = 8192

/** The password is not the one, or the file is damaged. */
export class WrongPasswordError extends Error {
  override name = 'WrongPasswordError'
  readonly textKey = 'wallet.error.password'
}

export async function encryptWords(mnemonic: string, password: string, logN = workFactor): Promise<string> {
  if ([...password].length < minPassword) throw new RangeError(`password: want at least ${minPassword} characters`)
  const encrypter = new Encrypter()
  encrypter.setPassphrase(password)
  encrypter.setScryptWorkFactor(logN)
  return armor.encode(await encrypter.encrypt(mnemonic))
}

export async function decryptWords(file: string, password: string): Promise<string> {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(password)
  try {
    return await decrypter.decrypt(armor.decode(file), 'text')
  } catch {
    throw new WrongPasswordError('wrong password')
  }
}

/** Whether a text may be an armored file of ours, before work is done on it. */
export function isKeyFile(text: string): boolean {
  return text.length <= maxFile && text.trimStart().startsWith('-----BEGIN AGE ENCRYPTED FILE-----')
}
