import { base32nopad } from '@scure/base'

/** A binary CIDv1 as text: multibase base32 in lower case. */
export const CID = (bytes: Uint8Array): string => 'b' + base32nopad.encode(bytes).toLowerCase()
