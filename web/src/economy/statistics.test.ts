import { expect, test } from 'vitest'
import { counted } from './statistics'

test('counts are read as numbers, and what is absent is none', () => {
  const found = counted({
    totals: { samples: { file: '3' }, outcomes: { malicious: '2' }, verdicts: '9007199254740991' },
    days: [{ date: '2030-01-02', totals: { verdicts: '7' } }, { date: '2030-01-03' }], height: '12',
  })
  expect(found.totals).toEqual({
    samples: { file: 3 }, rounds: {}, outcomes: { malicious: 2 }, verdicts: 9007199254740991, detections: 0, engines: 0,
  })
  expect(found.days.map((d) => d.totals.verdicts)).toEqual([7, 0])
  expect(found.height).toBe(12)
  expect(counted({}).days).toEqual([])
})
