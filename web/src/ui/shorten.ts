/** The beginning and the end of a long text: "0123456789…abcdef". */
export function shortened(text: string, head: number, tail: number): string {
  if (text.length <= head + tail + 1) return text
  return text.slice(0, head) + '…' + text.slice(text.length - tail)
}
