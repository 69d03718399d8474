import { expect, test } from 'vitest'
import { suspect } from './confidential'

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0))

test.each([
  ['offer.docx', '', 'office'],
  ['REPORT.PDF', '', 'pdf'],
  ['inbox.eml', '', 'mail'],
  ['no-extension', '%PDF-1.7\n', 'pdf'],
  ['sample.bin', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest', 'office'],
  ['setup.msi', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest', null],
  ['renamed.zip', 'PK\x03\x04\x14\0\0\0\0\0word/document.xml', 'office'],
  ['archive.zip', 'PK\x03\x04\x14\0\0\0\0\0readme.txt', null],
  ['letter', '{\\rtf1\\ansi', 'office'],
  ['message', 'Received: from mail.example.com\r\nSubject: x', 'mail'],
  ['malware.exe', 'MZ\x90\0', null],
  ['docx', 'plain', null],
  ['empty', '', null],
])('%s', (name, head, want) => {
  expect(suspect(name, latin1(head))).toBe(want)
})
