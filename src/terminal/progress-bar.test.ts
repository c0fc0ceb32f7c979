import { expect, test } from 'vitest'
import { progressLine } from './progress-bar.ts'

test('says how many are done, how fast, and how long the rest will take', () => {
  expect(progressLine({ done: 25_000, total: 100_000, elapsedMs: 5_000 }, 'notifications')).toBe(
    '██████░░░░░░░░░░░░░░░░░░ 25,000 of 100,000 notifications, 5,000 a second, 0:15 left',
  )
})

test('promises nothing before anything is done', () => {
  expect(progressLine({ done: 0, total: 10, elapsedMs: 0 }, 'lines')).toBe('░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 10 lines, 0 a second')
})

test('is full when there was nothing to do', () => {
  expect(progressLine({ done: 0, total: 0, elapsedMs: 10 }, 'lines')).toContain('████████████████████████ 0 of 0')
})
