import { expect, test } from 'vitest'
import { duration, period } from './durations'

test.each([
  [86_400, '1 day', 'day'],
  [2_592_000n, '30 days', '30 days'],
  [864_000, '10 days', '10 days'],
  [90, '90 seconds', '90 seconds'],
  [3600, '1 hour', 'hour'],
])('%d seconds', (seconds, alone, per) => {
  expect([duration(seconds), period(seconds)]).toEqual([alone, per])
})
