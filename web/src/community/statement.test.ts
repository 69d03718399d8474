import { expect, test } from 'vitest'
import { commentStatement, voteStatement, type About } from './statement'

const about: About = {
  chainId: 'virusmap-1',
  account: 'vmt1qqqq',
  item: 'file',
  id: 'ab',
  time: new Date('2026-01-02T03:04:05.678Z'),
}

test('a comment', () => {
  expect(commentStatement(about, 'hello')).toBe(
    'VirusMap comment\nchain: virusmap-1\naccount: vmt1qqqq\nitem: file/ab\ntime: 2026-01-02T03:04:05Z\n' +
      'text-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  )
})

test('a vote', () => {
  expect(voteStatement(about, 'malicious')).toBe(
    'VirusMap vote\nchain: virusmap-1\naccount: vmt1qqqq\nitem: file/ab\ntime: 2026-01-02T03:04:05Z\nverdict: malicious',
  )
})
