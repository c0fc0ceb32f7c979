import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { faultsOfExamples } from '../src/policy/examples.ts'
import { factDefinitions } from '../src/policy/facts.ts'
import { loadPacks } from '../src/policy/load.ts'
import { packJsonSchema } from '../src/policy/pack.ts'
import { readSources, wordsOf } from './support/source.ts'

/** Every pack, held to the same rules: a triage lead's change is tested with no code written. */
const FOLDER = fileURLToPath(new URL('../policies/', import.meta.url))
const packs = await loadPacks(FOLDER)
const rules = packs.editions.flatMap((edition) => edition.pack.rules.map((rule) => ({ label: edition.label, rule })))
const names = rules.map((one) => [`${one.label}: ${one.rule.rule}`, one] as const)

describe('every rule', () => {
  test.each(names)('%s cites a section and says it in our own words', (_, { rule }) => {
    expect(rule.cites.section.length).toBeGreaterThan(2)
    expect(rule.says).toMatch(/^[A-Z].*\.$/s)
  })

  test.each(names)('%s gives its reason and owner where it fills a silence', (_, { rule }) => {
    expect(rule.assumes === undefined).toBe(rule.owner === undefined)
  })

  test.each(names)('%s is held by its examples: each condition decides alone, each number shows its boundary', (_, { rule }) => {
    expect(faultsOfExamples(rule)).toEqual([])
  })
})

describe('all packs together', () => {
  test('no day since an area’s first pack is without exactly one edition in force', () => {
    for (const { area, authorities } of packs.editions) {
      const days = packs.editions.filter((edition) => edition.area === area).map(({ inForceFrom }) => inForceFrom)
      expect(new Set(days).size, `${area} has two editions of one day`).toBe(days.length)
      for (const day of days) {
        const inForce =
          authorities === 'every area' ? [packs.statutoryFor(day)] : authorities.map((code) => packs.editionFor(code, day))
        expect(inForce.map((edition) => edition?.area)).toEqual(inForce.map(() => area))
      }
    }
  })

  test('every fact a rule may read is read by some rule', () => {
    const read = new Set(rules.flatMap(({ rule }) => Object.keys(rule.when)))
    expect(factDefinitions.map(({ name }) => name).filter((name) => !read.has(name))).toEqual([])
  })

  test('no rule’s name stands in two packs of the same day: a dispatch must say which rule asked for it', () => {
    const law = new Set(
      packs.editions.flatMap((edition) => (edition.authorities === 'every area' ? edition.rules : [])).map(({ rule }) => rule),
    )
    const area = packs.editions.flatMap((edition) => (edition.authorities === 'every area' ? [] : edition.rules))
    expect(area.map(({ rule }) => rule).filter((rule) => law.has(rule))).toEqual([])
  })

  test('a published edition never changes: what was decided under it must be readable for ever', () => {
    // A new edition is a new file. To enter it: cd policies && sha256sum */*.yaml > SHA256SUMS
    const listed = readFileSync(join(FOLDER, 'SHA256SUMS'), 'utf8').trim().split('\n').sort()
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
    const found = files.map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(FOLDER, file)))
          .digest('hex')}  ${file}`,
    )
    expect(found.sort()).toEqual(listed)
  })

  test('editors are given the schema that the loader holds packs to', async () => {
    // To write it again: npm test -- test/policies.test.ts --update
    await expect(packJsonSchema()).toMatchFileSnapshot(join(FOLDER, 'pack.schema.json'))
  })

  test('no authority’s code stands in the source: what differs by area is data', () => {
    const code = /^[ENSW]\d{8}$/
    const source = readSources('src').filter(({ isTest }) => !isTest)
    const faults = source.flatMap((file) => file.nodes.flatMap((node) => (code.test(wordsOf(node) ?? '') ? [file.at(node)] : [])))
    expect(faults).toEqual([])
  })
})

describe('every point of every procedure', () => {
  /** How many points each document was read into, and which of them have parts of their own. */
  const read: { edition: string; prefix: string; points: number; parts: string[] }[] = [
    { edition: 'derby-derbyshire/2022-01-01', prefix: 'DDO', points: 26, parts: [] },
    { edition: 'derby-derbyshire/2025-10-24', prefix: 'DDN', points: 32, parts: ['06a', '06b', '06c', '06d', '06e'] },
    {
      edition: 'leicester-leicestershire-rutland/2015-12-29',
      prefix: 'LLR',
      points: 22,
      parts: ['01a', '01b', '01c', '01d', '01e', '01f', '01g', '01h', '04b'],
    },
    { edition: 'hertfordshire/2024-03-11', prefix: 'HRT', points: 35, parts: ['07a', '07b', '07c', '08a'] },
    { edition: 'camden/2017-04-01', prefix: 'CAM', points: 26, parts: ['11b'] },
  ]

  test.each(read)('of $edition is answered by a rule, or says why no rule does', ({ edition, prefix, points, parts }) => {
    const pack = packs.editions.find(({ label }) => label === edition)?.pack
    const answered = [...(pack?.rules ?? []), ...(pack?.['not routed'] ?? [])].flatMap((row) => row.points ?? [])
    const numbered = Array.from({ length: points }, (_, index) => String(index + 1).padStart(2, '0'))
    const all = [...numbered, ...parts].map((point) => `${prefix}-${point}`)
    expect(all.filter((point) => !answered.includes(point))).toEqual([])
    expect(answered.filter((point) => !all.includes(point))).toEqual([])
  })

  test('has been read into every pack of an area', () => {
    const areas = packs.editions.filter(({ authorities }) => authorities !== 'every area')
    expect(areas.map(({ label }) => label).sort()).toEqual(read.map(({ edition }) => edition).sort())
  })
})
