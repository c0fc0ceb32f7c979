import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inBatches } from './in-batches.ts'

test('what arrives together is done together, in batches no larger than asked', async () => {
  const batches: number[][] = []
  const double = inBatches(
    async (items: number[]) => {
      batches.push(items)
      return items.map((item) => item * 2)
    },
    { most: 3, together: 1 },
  )
  expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10])
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test('what arrives while a batch runs joins the next one', async () => {
  const batches: string[][] = []
  const gate = Promise.withResolvers<void>()
  const work = inBatches(
    async (items: string[]) => {
      batches.push(items)
      if (batches.length === 1) await gate.promise
      return items
    },
    { most: 10, together: 1 },
  )
  const first = work('first')
  await expect.poll(() => batches.length).toBe(1)
  const rest = ['second', 'third'].map(work)
  gate.resolve()
  await Promise.all([first, ...rest])
  expect(batches).toEqual([['first'], ['second', 'third']])
})

test('one batch that is held up holds up nobody who comes after it', async () => {
  const gate = Promise.withResolvers<void>()
  const work = inBatches(
    async (items: string[]) => {
      if (items.includes('held')) await gate.promise
      return items
    },
    { most: 10, together: 2 },
  )
  const held = work('held')
  await new Promise((resolve) => setImmediate(resolve))
  expect(await work('alone')).toBe('alone')
  gate.resolve()
  await held
})

test('one that cannot be done does not fail the others', async () => {
  const work = inBatches(
    async (items: number[]) => {
      if (items.includes(13)) throw new Error('unlucky')
      return items
    },
    { most: 10, together: 2 },
  )
  const results = await Promise.allSettled([1, 13, 2].map(work))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('every item gets its own answer, however they are gathered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      async (items, most, together) => {
        let running = 0
        const work = inBatches(
          async (batch: number[]) => {
            running += 1
            expect(running).toBeLessThanOrEqual(together)
            expect(batch.length).toBeLessThanOrEqual(most)
            await Promise.resolve()
            running -= 1
            return batch.map((item) => `${item}`)
          },
          { most, together },
        )
        expect(await Promise.all(items.map(work))).toEqual(items.map(String))
      },
    ),
    { numRuns: 50 },
  )
})
