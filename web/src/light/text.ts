import { utf8Bytes } from './bytes'

/**
 * Whether a text is free of control characters, of the invisible ones that reorder or
 * hide text, and of broken surrogates: the list of x/internal/text.
 */
export function isPrintable(text: string): boolean {
  for (const character of text) {
    if (!printable(character.codePointAt(0)!)) return false
  }
  return true
}

function printable(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0xfffd || code === 0xfeff) return false
  if (code >= 0xd800 && code <= 0xdfff) return false
  return !(
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f)
  )
}

/** Whether a text has at most so many bytes of UTF-8. */
export const fits = (text: string, maxBytes: number): boolean =>
  text.length <= maxBytes && utf8Bytes(text).length <= maxBytes
