import { expect, test } from 'vitest'
import { match, path, resolve } from './router'
import { routes } from './routes'

test.each([
  ['/', '/', {}],
  ['/file/:hash', '/file/abc', { hash: 'abc' }],
  ['/file/:hash', '/file/abc/', { hash: 'abc' }],
  ['/file/:hash', '/file/a%2Fb', { hash: 'a/b' }],
  ['/file/:hash', '/file/', null],
  ['/file/:hash', '/file/abc/def', null],
  ['/file/:hash', '/file/%', null],
  ['/search', '/Search', null],
])('match(%s, %s)', (pattern, given, want) => {
  expect(match(pattern, given)).toEqual(want)
})

test('a path that is built is matched again', () => {
  const id = 'a/b c?d#e%f:é'
  expect(match('/analysis/:id', path('/analysis/:id', { id }))).toEqual({ id })
})

test('every route finds itself, so that none hides another', () => {
  for (const route of routes) {
    const found = resolve(routes, path(route.pattern, { hash: 'x', id: 'x', d: 'x', ip: 'x', operator: 'x' }))
    expect(found?.route.pattern).toBe(route.pattern)
  }
})

test('an unknown path has no route', () => {
  expect(resolve(routes, '/nowhere')).toBeNull()
})
