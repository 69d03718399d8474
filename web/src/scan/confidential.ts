/** What makes a file look like something that was not meant for the public. */
export type Suspicion = 'office' | 'pdf' | 'mail'

const byExtension: Record<Suspicion, readonly string[]> = {
  office: 'doc docx docm dot dotx xls xlsx xlsm xlsb csv ppt pptx pptm odt ods odp rtf pages numbers key one vsd vsdx'.split(
    ' ',
  ),
  pdf: ['pdf', 'xps'],
  mail: ['eml', 'msg', 'mbox', 'pst', 'ost'],
}

/** How many bytes of the beginning the check looks at. */
export const headBytes = 4096

/**
 * Whether a file looks like a confidential document, by its name and its first bytes.
 * It is a guess that only leads to a question.
 */
export function suspect(name: string, head: Uint8Array): Suspicion | null {
  const extension = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? ''
  for (const [suspicion, extensions] of Object.entries(byExtension)) {
    if (extensions.includes(extension)) return suspicion as Suspicion
  }
  const text = new TextDecoder('latin1').decode(head.subarray(0, headBytes))
  if (text.startsWith('%PDF-')) return 'pdf'
  if (text.startsWith('{\\rtf')) return 'office'
  // Compound files hold old office documents, and installers that are named so.
  if (text.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') && extension !== 'msi') return 'office'
  if (text.startsWith('PK\x03\x04') && /(?:word|xl|ppt)\/|mimetypeapplication\/vnd\.oasis/.test(text)) return 'office'
  if (/^(?:Received|Return-Path|From|Delivered-To|Message-ID): .*\r?\n/i.test(text)) return 'mail'
  return null
}
