import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Bytes that are read at a time: memory stays flat however large the file is. */
const chunkBytes = 4 << 20

/** SHA-256 of a file in hex, read in pieces. onProgress gets the part that is done. */
export async function hashBlob(blob: Blob, onProgress: (part: number) => void = () => {}): Promise<string> {
  const hash = sha256.create()
  for (let at = 0; at < blob.size; at += chunkBytes) {
    hash.update(new Uint8Array(await blob.slice(at, at + chunkBytes).arrayBuffer()))
    onProgress(Math.min(1, (at + chunkBytes) / blob.size))
  }
  return bytesToHex(hash.digest())
}

/** SHA-256 of a text's UTF-8 in hex. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}
