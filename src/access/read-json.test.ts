import { expect, test } from 'vitest'
import { readJson } from './read-json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const faultsIn = (text: string | Buffer) => {
  const answer = readJson(Buffer.from(text))
  return answer.kind === 'faults' ? answer.faults.map(({ pointer, code }) => `${pointer} ${code}`) : []
}
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

test('a plain body is read as it is', () => {
  expect(read('{"a":[1,{"b":"é: {\\"x\\": 1}"}]}')).toEqual({ kind: 'read', value: { a: [1, { b: 'é: {"x": 1}' }] } })
})

test('a field given twice is refused, because the second would silently replace the first', () => {
  expect(faultsIn('{"people":[{"ref":"c1"}],"version":1,"people":[]}')).toEqual(['/people given-twice'])
  expect(faultsIn('{"people":[{"ref":"c1"},{"ref":"c2","ref":"c3"}]}')).toEqual(['/people/1/ref given-twice'])
  expect(faultsIn('{"a b":1,"a\\u0020b":2}')).toEqual(['/a b given-twice'])
})

test('the same field in two objects is no doubling, nor is a text that looks like one', () => {
  expect(faultsIn('{"x":{"ref":1},"y":{"ref":2},"text":"\\"ref\\": 1, \\"ref\\": 2"}')).toEqual([])
})

test('half of a surrogate pair and a NUL are refused where they stand', () => {
  expect(faultsIn('{"people":[{"familyName":"\\ud83d"}],"incident":{"summary":"a\\u0000b"}}')).toEqual([
    '/people/0/familyName lone-surrogate',
    '/incident/summary nul',
  ])
})

test('twelve levels are read and thirteen are not', () => {
  expect(faultsIn(nested(12))).toEqual([])
  expect(faultsIn(nested(13))).toEqual([`${'/0'.repeat(12)} too-deep`])
})

test('bytes that are not UTF-8, and text that is not JSON, are refused', () => {
  expect(faultsIn(Buffer.from([0x22, 0xff, 0x22]))).toEqual([' not-utf-8'])
  expect(faultsIn('{"a":')).toEqual([' not-json'])
  expect(faultsIn('')).toEqual([' not-json'])
})

test('a pointer escapes what RFC 6901 asks for', () => {
  expect(faultsIn('{"a/b~c":"\\u0000"}')).toEqual(['/a~1b~0c nul'])
})
