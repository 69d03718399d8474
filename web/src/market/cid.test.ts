import { fromHex } from '@cosmjs/encoding'
import { expect, test } from 'vitest'
import { CID } from './cid'

// Of the raw leaf "hello world", as `ipfs add --cid-version 1 --raw-leaves` names it.
test('a CID is written as IPFS writes it', () => {
  const hash = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'
  expect(CID(fromHex('01551220' + hash))).toBe('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
})
