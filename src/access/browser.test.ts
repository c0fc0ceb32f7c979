import { expect, test } from 'vitest'
import { comesFromUs, ownPath } from './browser.ts'

const here = new URL('https://daymark.example')

test('a call comes from us when the browser says so, and an older one when its Origin is ours', () => {
  const asked = (headers: Record<string, string>, method = 'POST') => comesFromUs({ method, headers }, here)
  expect(asked({ 'sec-fetch-site': 'same-origin' })).toBe(true)
  // What a form of ours sends under Referrer-Policy: no-referrer.
  expect(asked({ 'sec-fetch-site': 'same-origin', origin: 'null' })).toBe(true)
  expect(asked({ origin: 'https://daymark.example' })).toBe(true)
  expect(asked({ 'sec-fetch-site': 'same-site', origin: 'https://daymark.example' })).toBe(false)
  expect(asked({ origin: 'https://daymark.example.elsewhere.example' })).toBe(false)
  expect(asked({ origin: 'http://daymark.example' })).toBe(false)
  expect(asked({ origin: 'null' })).toBe(false)
  expect(asked({})).toBe(false)
  expect(asked({}, 'DELETE')).toBe(false)
  expect(asked({}, 'GET')).toBe(true)
})

test('a person is sent to a path of ours and nowhere else', () => {
  for (const path of ['/', '/desk', '/desk?state=open&desk=mash', '/desk#first', '/a/../desk'])
    expect(ownPath(path, here), path).not.toBeNull()
  for (const path of [
    '',
    'desk',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    '/x/..//elsewhere.example',
    'https://elsewhere.example/',
    'https://daymark.example@elsewhere.example/',
    'javascript:alert(1)',
    `/${'x'.repeat(500)}`,
  ])
    expect(ownPath(path, here), path).toBeNull()
})
