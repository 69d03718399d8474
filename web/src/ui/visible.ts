/**
 * Characters that are not seen themselves and change what is: controls, and those that turn
 * the direction of text, by which "gpj.exe" looks like "exe.jpg"
 * (https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings).
 */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** A text of somebody else's, with such characters written out: "‹U+202E›gpj.exe". Lines stay lines. */
export function visible(text: string): string {
  return text.replace(unseen, (c) =>
    c === '\n' || c === '\t' ? c : `‹U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
  )
}
