import { expect, test } from 'vitest'
import { RejectedError } from '../wallet/errors'
import { ApiError, ConnectionError, explain, mayPass } from './errors'

const offline = 'The node did not answer. Check your connection and try again.'

test.each([
  [new ConnectionError('offline'), offline],
  [new TypeError('Failed to fetch'), offline], // Chromium's words, by the client of the chain
  [new TypeError('NetworkError when attempting to fetch resource.'), offline],
  [new Error('Bad status on response: 502'), offline],
  [new Error('Bad status on response: 429'), 'Too many requests. Try again in a minute.'],
  [new ApiError(429, 'QuotaExceededError', 'quota', 7), 'Too many requests. Go on in 7 s.'],
  [new ApiError(400, 'InvalidArgumentError', '"zzz" is not a hash'), '"zzz" is not a hash'],
  [new TypeError('x is not a function'), 'x is not a function'],
  [new RejectedError(), 'You declined, and nothing was signed.'],
])('%s is told in words', (error, message) => {
  expect(explain(error).message).toBe(message)
})

test('only what may pass is worth another try', () => {
  expect([400, 404, 413, 429, 500, 503].map((status) => mayPass(new ApiError(status, '', '')))).toEqual([
    false, false, false, true, true, true,
  ])
  expect(mayPass(new ConnectionError('timeout'))).toBe(true)
})
