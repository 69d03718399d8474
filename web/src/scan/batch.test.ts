import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, ConnectionError } from '../api/errors'
import { isKnown } from '../api/items'
import { upload } from '../api/upload'
import { Batch, maxFiles } from './batch.svelte'
import { unfinished } from './unfinished.svelte'

// A worker and a node are not there; the content of a file stands for its hash.
vi.mock('../hashing', () => ({ hashFile: (file: Blob) => file.text() }))
vi.mock('../api/items', () => ({ isKnown: vi.fn() }))
vi.mock('../api/upload', () => ({ upload: vi.fn() }))

const limit = 1000
const file = (name: string, content = name) => new File([content], name)
const states = (batch: Batch) => batch.jobs.map((job) => job.state)
const settled = (batch: Batch) => vi.waitFor(() => expect(batch.active).toBe(false))

beforeEach(() => {
  vi.mocked(isKnown).mockReset().mockResolvedValue(false)
  vi.mocked(upload).mockReset().mockImplementation(async ({ file }) => ({ data: { type: 'analysis', id: `a-${file.name}` } }))
})
afterEach(() => vi.useRealTimers())

test('what breaks a limit fails at once, and no other try is offered', async () => {
  const batch = new Batch()
  batch.agree(1)
  batch.add([file('empty', ''), file('large', 'x'.repeat(limit + 1)), file('right')], limit)
  await settled(batch)
  expect(states(batch)).toEqual(['failed', 'failed', 'accepted'])
  expect(batch.jobs.map((job) => job.repeatable)).toEqual([false, false, false])
  expect(upload).toHaveBeenCalledTimes(1)
})

test('of files with the same content one is sent', async () => {
  const batch = new Batch()
  batch.agree(1)
  batch.add([file('a', 'same'), file('b', 'same'), file('c', 'other')], limit)
  await settled(batch)
  expect(states(batch)).toEqual(['accepted', 'same', 'accepted'])
  expect(batch.jobs[1]?.href).toBe('/analysis/a-a')
  expect(upload).toHaveBeenCalledTimes(2)
})

test('files beyond the limit are counted, and fit once others are done', async () => {
  const batch = new Batch()
  batch.agree(1)
  batch.add(Array.from({ length: maxFiles + 7 }, (_, i) => file(`f${i}`)), limit)
  expect([batch.jobs.length, batch.leftOut]).toEqual([maxFiles, 7])
  expect(unfinished.files).toBe(maxFiles)
  await settled(batch)
  expect(unfinished.files).toBe(0)
  batch.add([file('later')], limit)
  expect([batch.jobs.length, batch.leftOut]).toEqual([maxFiles + 1, 0])
  await settled(batch)
})

test('a limit by the minute is waited for, in the look-up and in the upload', async () => {
  vi.useFakeTimers()
  const busy = new ApiError(429, 'QuotaExceededError', 'quota', 3)
  vi.mocked(isKnown).mockRejectedValueOnce(busy)
  vi.mocked(upload).mockRejectedValueOnce(busy)
  const batch = new Batch()
  batch.agree(1)
  batch.add([file('a')], limit)
  await vi.advanceTimersByTimeAsync(1000)
  expect([batch.jobs[0]?.state, batch.jobs[0]?.pauseSeconds]).toEqual(['paused', 2])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(states(batch)).toEqual(['accepted'])
})

test('files are looked up while others wait to be sent', async () => {
  vi.useFakeTimers()
  vi.mocked(upload).mockRejectedValue(new ApiError(429, 'QuotaExceededError', 'quota', 60))
  vi.mocked(isKnown).mockImplementation(async (hash) => hash === 'd')
  const batch = new Batch()
  batch.agree(1)
  batch.add(['a', 'b', 'c', 'd'].map((name) => file(name)), limit)
  await vi.advanceTimersByTimeAsync(1000)
  expect(states(batch)).toEqual(['paused', 'paused', 'asking', 'known'])
  batch.jobs.forEach((job) => job.cancel())
})

test('what failed on the way can be tried again', async () => {
  vi.mocked(upload).mockRejectedValueOnce(new ConnectionError('offline'))
  const batch = new Batch()
  batch.agree(1)
  batch.add([file('a')], limit)
  await settled(batch)
  expect(batch.jobs[0]?.repeatable).toBe(true)
  batch.clear()
  expect(states(batch)).toEqual(['failed'])
  batch.repeat(batch.jobs[0]!)
  await settled(batch)
  expect(states(batch)).toEqual(['accepted'])
})

test('without consent nothing is sent but what is private', async () => {
  const batch = new Batch()
  batch.add([file('a.txt'), file('b.pdf')], limit)
  await vi.waitFor(() => expect(states(batch)).toEqual(['asking', 'asking']))
  expect([batch.withoutConsent, batch.undecided.length]).toEqual([2, 1])
  batch.decide(batch.jobs[1]!, 'private')
  await vi.waitFor(() => expect(states(batch)).toEqual(['asking', 'accepted']))
  expect(vi.mocked(upload).mock.calls.map(([what]) => [what.file.name, what.lane])).toEqual([['b.pdf', 'private']])
})

test('a file that was handed in alone is told from one of many', async () => {
  const batch = new Batch()
  batch.agree(1)
  batch.add([file('a')], limit)
  expect(batch.alone?.file.name).toBe('a')
  await settled(batch)
  batch.add([file('b'), file('c')], limit)
  expect(batch.alone).toBeNull()
  await settled(batch)
})
