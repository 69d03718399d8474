/**
 * The buyer's side of x/market/types/exchange.go: a file key is delivered sealed to a key that
 * was made for one order. HPKE in base mode with MLKEM768-X25519 (X-Wing), HKDF-SHA256 and
 * ChaCha20-Poly1305.
 */
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { fromBech32, toUtf8 } from '@cosmjs/encoding'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'

export const oneTimeKeySize = 1216
const sealedKeySize = 1152
const encapsulatedSize = 1120
/** Characters of BIP-173. */
const maxAddress = 90

const suite = () => new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() })

export interface OneTimeKey {
  /** 32 bytes that open what is delivered: to be kept before the order is paid. */
  secret: Uint8Array
  publicKey: Uint8Array
}

export async function newOneTimeKey(): Promise<OneTimeKey> {
  const { kem } = suite()
  const pair = await kem.generateKeyPair()
  return {
    secret: new Uint8Array(await kem.serializePrivateKey(pair.privateKey)),
    publicKey: new Uint8Array(await kem.serializePublicKey(pair.publicKey)),
  }
}

/** SHA-256(domain || len(buyer) || buyer || sha256 || one-time key). */
export function orderId(buyer: string, content: Uint8Array, oneTimeKey: Uint8Array): Uint8Array {
  const address = fromBech32(buyer, maxAddress).data
  return sha256(concatBytes(toUtf8('virusmap/order-id/v1'), uint32(address.length), address, content, oneTimeKey))
}

/** Binds a sealed key to one order on one chain. */
export function exchangeInfo(chainId: string, order: Uint8Array): Uint8Array {
  const id = toUtf8(chainId)
  return concatBytes(toUtf8('virusmap/order/v1'), uint32(id.length), id, order)
}

/** Opens a delivered file key; throws when it does not open with the secret. */
export async function openFileKey(secret: Uint8Array, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length !== sealedKeySize) throw new RangeError(`sealed key has ${sealed.length} bytes, want ${sealedKeySize}`)
  const hpke = suite()
  const recipientKey = await hpke.kem.deserializePrivateKey(buffer(secret))
  const opening = { recipientKey, enc: buffer(sealed.subarray(0, encapsulatedSize)), info: buffer(info) }
  return new Uint8Array(await hpke.open(opening, buffer(sealed.subarray(encapsulatedSize))))
}

/** Whether a file key is the one that the sample's record promises. */
export function commitsTo(commitment: Uint8Array, fileKey: Uint8Array): boolean {
  const hash = sha256(concatBytes(toUtf8('virusmap/file-key/v1'), fileKey))
  return hash.length === commitment.length && hash.every((byte, i) => byte === commitment[i])
}

function uint32(n: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
