import { expect, test } from 'vitest'
import { ApiError, ConnectionError } from '../api/errors'
import { ended, pause, watch, type Analysis } from './watch'

const answer = (status: string, submission = 'on-chain') =>
  ({ data: { type: 'analysis', id: 'x', attributes: { status } }, meta: { virusmap: { submission } } }) as Analysis

/** Runs a watch over prepared answers; what it waited and told comes back. */
async function run(answers: (Analysis | Error)[], controller = new AbortController()) {
  const waits: number[] = []
  const told: unknown[] = []
  const failures: unknown[] = []
  let next = 0
  const ask = async () => {
    const one = answers[next++]
    if (!one) throw new Error('asked more often than it should')
    if (one instanceof Error) throw one
    return one
  }
  await watch(
    ask,
    controller.signal,
    (a) => told.push(a.data.attributes?.status),
    (error) => failures.push(error),
    async (milliseconds) => void waits.push(milliseconds),
  )
  return { waits, told, failures }
}

test('it asks each second until the analysis is completed', async () => {
  const { waits, told } = await run([answer('queued', 'queued'), answer('in-progress'), answer('completed')])
  expect(told).toEqual(['queued', 'in-progress', 'completed'])
  expect(waits).toEqual([1000, 1000])
})

test('it backs off on errors, and not any more after an answer', async () => {
  const down = new ConnectionError('offline')
  const { waits, failures } = await run([down, down, answer('queued'), down, answer('completed')])
  expect(waits).toEqual([2000, 4000, 1000, 2000])
  expect(failures).toHaveLength(3)
})

test('it waits as long as it is told', async () => {
  const { waits } = await run([new ApiError(429, 'TooManyRequestsError', 'slow down', 20), answer('completed')])
  expect(waits).toEqual([20_000])
})

test('it ends when the chain refused the submission', async () => {
  expect((await run([answer('queued', 'refused')])).waits).toEqual([])
})

test('an analysis that does not exist is an error', async () => {
  await expect(run([new ApiError(404, 'NotFoundError', 'none')])).rejects.toMatchObject({ status: 404 })
})

test('it stops when it is given up', async () => {
  const controller = new AbortController()
  controller.abort()
  expect((await run([answer('queued')], controller)).told).toEqual([])
})

test('the pause is bounded', () => {
  expect(pause(0)).toBe(1000)
  expect(pause(30)).toBe(30_000)
})

test('a queued analysis has not ended', () => {
  expect(ended(answer('queued'))).toBe(false)
})
