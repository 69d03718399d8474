import { expect, test } from 'vitest'
import { summaryOf } from './summary'

const host = (urls: object) => summaryOf({ virusmap: { chain_id: 'c', urls } as never })

test('verdicts sum up what was judged', () => {
  const found = summaryOf({
    last_analysis_date: 1, last_analysis_stats: { malicious: 2, undetected: 6, failure: 3 }, virusmap: { chain_id: 'c', outcome: 'suspicious' },
  })
  expect(found).toEqual({
    tone: 'warning', icon: 'question', headline: 'Suspicious', detections: 2, engines: 8, words: '2 of 8 engines detect something',
  })
  expect(summaryOf({}).headline).toBe('Not analysed yet')
  expect(summaryOf({ last_analysis_date: 1, last_analysis_stats: { undetected: 1 } })).toMatchObject({ tone: 'success', headline: 'Nothing found' })
  expect(summaryOf({ last_analysis_date: 1, last_analysis_stats: { suspicious: 1, undetected: 4 } }).headline).toBe('Engines call it suspicious')
  expect(summaryOf({ last_analysis_date: 1, last_analysis_stats: { malicious: 1, suspicious: 1 } }).headline).toBe('Engines call it malicious')
  expect(summaryOf({ last_analysis_date: 1, last_analysis_stats: { failure: 4 } }).headline).toBe('No outcome')
})

test('the URLs at a host sum it up, and nothing bad is no praise', () => {
  expect(host({ total: 9, newest: 9, malicious: 1, suspicious: 2 })).toMatchObject({ tone: 'danger', detections: 3, engines: 9 })
  expect(host({ total: 9, newest: 9, suspicious: 2 })).toMatchObject({ tone: 'warning', detections: 2 })
  expect(host({ total: 9, newest: 9 })).toMatchObject({ tone: 'neutral', headline: 'No bad URL is known here', detections: 0 })
  expect(host({ total: 0 })).toMatchObject({ tone: 'neutral', engines: 0, words: 'Nobody has handed in a URL of it.' })
})

test('a host whose front page was judged shows its verdicts', () => {
  const attributes = { last_analysis_date: 1, last_analysis_stats: { malicious: 1 }, virusmap: { chain_id: 'c', urls: { newest: 5 } } as never }
  expect(summaryOf(attributes)).toMatchObject({ tone: 'danger', engines: 1 })
})
