import { expect, test } from 'vitest'
import { hang, tableLines, wrap } from './layout.ts'

test('text is broken at spaces, and a word that is too long is cut', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
  expect(wrap('', 10)).toEqual([''])
  expect(wrap('first\nsecond', 10)).toEqual(['first', 'second'])
})

test('lines after the first stand under the text, not under the mark', () => {
  expect(hang('one two three', { mark: '• ', width: 9 })).toEqual(['• one two', '  three'])
})

test('columns are aligned by what is read, whatever colours it', () => {
  const rows = [
    [{ text: 'alert', style: 'bold' as const }, { text: 'Larkspur Primary' }, { text: 'delivered' }],
    [{ text: 'referral' }, { text: 'Initial Response Team' }, { text: 'waiting' }],
  ]
  const table = { titles: ['Kind', 'To', 'State'], widest: [12, 10, 12], rows }
  expect(tableLines(table, '', (style, text) => `<${style}>${text}</>`)).toEqual([
    '<dim>Kind</>      <dim>To</>          <dim>State</>',
    '<bold>alert</>     Larkspur    delivered',
    '          Primary',
    'referral  Initial     waiting',
    '          Response',
    '          Team',
  ])
})

test('numbers stand under the end of each other and of their title', () => {
  const rows = [
    [{ text: 'one' }, { text: '7', align: 'right' as const }],
    [{ text: 'two' }, { text: '1,234', align: 'right' as const }],
  ]
  expect(tableLines({ titles: ['name', 'told'], widest: [9, 9], rows }, '', (_, text) => text)).toEqual([
    'name   told',
    'one       7',
    'two   1,234',
  ])
})
