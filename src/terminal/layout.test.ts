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
