import { expect, test } from 'vitest'
import { en } from '../i18n/en'
import { unproved } from '../light'

test('what no claim covers has a text for each place in the list', () => {
  const texts = Object.entries(en).filter(([key]) => key.startsWith('unproved.'))
  expect(texts).toEqual(unproved.map((words, place) => [`unproved.${place}`, words]))
})
