import { expect, test } from 'vitest'
import { en } from './en'

const sources = Object.values(
  import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts', '!./**', '!../chain/gen/**'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
).join('\n')

const value = /\$\{[^{}`]*\}/

/** What templates such as `bounty.kind.${kind}` can become. Those that begin with a value say nothing. */
const templates = [...sources.matchAll(new RegExp('`([a-z]\\w*\\.(?:[\\w.]|' + value.source + ')+)`', 'g'))].map(
  ([, text]) => new RegExp('^' + text!.split(value).join('[\\w.-]+') + '$'),
)

const isUsed = (key: string) => sources.includes(`'${key}'`) || templates.some((template) => template.test(key))

test('every text is shown somewhere', () => {
  expect(sources).toContain('bounties.title')
  expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([])
})
