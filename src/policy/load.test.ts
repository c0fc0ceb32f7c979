import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { faultLine, loadPacks, readDraft, readEdition, readPacks } from './load.ts'

/** A pack of an invented area with one rule; a test replaces the line it is about. */
function packText(changes: Record<string, string> = {}): string {
  let text = `area: zedshire
in force from: 2026-01-01
authorities: [E99000001]
document: { title: Zedshire procedures for domestic abuse, updated: 2026-01-01 }
rules:
  - rule: council-told-of-a-child-in-the-household
    says: The council hears of every child in the household.
    cites: { section: Police notifications }
    about: each child
    when: { in the household: 'yes' }
    tell: [{ service: childrens social care, kind: notification, within: { high: 24 hours, otherwise: 72 hours } }]
    examples:
      fires: [{ in the household: 'yes' }]
      does not fire: [{ in the household: 'no' }]
`
  for (const [line, replacement] of Object.entries(changes)) {
    if (!text.includes(line)) throw new Error(`The pack has no line “${line}”`)
    text = text.replace(line, replacement)
  }
  return text
}

const law = packText({
  'area: zedshire': 'area: every-shire',
  'authorities: [E99000001]': 'lies under: every area',
})

function faultsOf(text: string, file = 'zedshire/2026-01-01.yaml'): string[] {
  const read = readEdition(file, new TextEncoder().encode(text))
  return read.kind === 'faults' ? read.faults.map(faultLine) : []
}

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  return folder
}

test('a pack without faults is compiled, with the hash of its bytes', () => {
  const read = readEdition('zedshire/2026-01-01.yaml', new TextEncoder().encode(packText()))
  expect(read).toMatchObject({
    kind: 'edition',
    edition: {
      area: 'zedshire',
      label: 'zedshire/2026-01-01',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      rules: [
        {
          tell: [{ service: 'childrens_social_care', kind: 'notification', within: { kind: 'hours', high: 24, otherwise: 72 } }],
        },
      ],
    },
  })
})

test.each([
  [
    'a misspelt fact',
    { "when: { in the household: 'yes' }": "when: { in the houshold: 'yes' }" },
    'zedshire/2026-01-01.yaml:10 rules[0].when.in the houshold: there is no “in the houshold” here; did you mean “in the household”?',
  ],
  [
    'a misspelt service',
    { 'service: childrens social care': 'service: childrens social cares' },
    'rules[0].tell[0].service: “childrens social cares” is not a choice; did you mean “childrens social care”?; the choices are:',
  ],
  [
    'a value a fact cannot take',
    { "when: { in the household: 'yes' }": 'when: { in the household: maybe }' },
    '“maybe” is not one of: yes, no',
  ],
  [
    'a time limit in words',
    { 'within: { high: 24 hours, otherwise: 72 hours }': 'within: soon' },
    'write “24 hours”, “before school opens”',
  ],
  [
    'a fact of another subject',
    { 'about: each child': 'about: each party' },
    'this fact does not exist for each party, only for each child',
  ],
  [
    'an assumption nobody owns',
    { '    about:': '    assumes: Silence means every child.\n    about:' },
    'an assumption needs an “owner”',
  ],
  ['a rule that tells and asks nobody', { '    tell:': '    # tell:' }, 'nobody is told and nobody asked'],
  [
    'an example that does not hold',
    { "fires: [{ in the household: 'yes' }]": "fires: [{ in the household: 'no' }]" },
    'it does not fire: in the household is no, yes is wanted',
  ],
  ['a condition no example decides', { "does not fire: [{ in the household: 'no' }]": 'does not fire: []' }, 'fails “yes” alone'],
  [
    'neither authorities nor the law',
    { 'authorities: [E99000001]\n': '' },
    'give either “authorities” or “lies under: every area”',
  ],
  ['a missing sentence', { '    says: The council hears of every child in the household.\n': '' }, 'rules[0].says: is missing'],
  ['a file in the wrong place', { '2026-01-01\n': '2026-02-01\n' }, 'a file stands where its area and first day say'],
  ['text that is not YAML', { 'rules:': 'rules: [' }, 'zedshire/2026-01-01.yaml:'],
])('%s is refused, with its place and remedy', (_, changes, says) => {
  expect(faultsOf(packText(changes)).join('\n')).toContain(says)
})

test('a threshold is refused without its boundary on both sides', () => {
  const text = packText({
    "when: { in the household: 'yes' }": 'when: { age: under 5 }',
    "fires: [{ in the household: 'yes' }]": 'fires: [{ age: 2 }]',
    "does not fire: [{ in the household: 'no' }]": 'does not fire: [{ age: 9 }]',
  })
  expect(faultsOf(text)).toEqual([
    'zedshire/2026-01-01.yaml:10 rules[0].when.age: no example under “fires” stands on the boundary of “under 5”: 4',
    'zedshire/2026-01-01.yaml:10 rules[0].when.age: no example fails “under 5” alone just outside it: 5',
  ])
})

test('two rules with the same conditions are refused', () => {
  const rule = packText().slice(packText().indexOf('  - rule:')).replace('council-told', 'council-told-again')
  expect(faultsOf(packText() + rule).join('\n')).toContain('has the same conditions; make it one rule')
})

test('every fault of every file is named at once', async () => {
  const folder = await folderWith({
    'every-shire/2026-01-01.yaml': law.replace('about: each child', 'about: each chid'),
    'zedshire/2026-01-01.yaml': packText({ 'kind: notification': 'kind: notice' }),
  })
  await expect(loadPacks(folder)).rejects.toThrow(/each chid[\s\S]*“notice” is not a choice/)
})

test('the law that lies under every area must be there', async () => {
  const folder = await folderWith({ 'zedshire/2026-01-01.yaml': packText() })
  expect(await readPacks(folder)).toMatchObject({
    kind: 'faults',
    faults: [{ says: expect.stringContaining('the statutory one is missing') }],
  })
})

test('two areas cannot both claim an authority', async () => {
  const folder = await folderWith({
    'every-shire/2026-01-01.yaml': law,
    'zedshire/2026-01-01.yaml': packText(),
    'wyeshire/2026-01-01.yaml': packText({ 'area: zedshire': 'area: wyeshire' }),
  })
  await expect(loadPacks(folder)).rejects.toThrow('E99000001 already stands in the packs of wyeshire')
})

test('the edition in force is the newest that had begun on the day', async () => {
  const folder = await folderWith({
    'every-shire/2026-01-01.yaml': law,
    'zedshire/2026-01-01.yaml': packText(),
    'zedshire/2026-07-01.yaml': packText({ 'from: 2026-01-01': 'from: 2026-07-01' }),
  })
  const packs = await loadPacks(folder)
  const from = (on: string) => packs.editionFor('E99000001', on)?.inForceFrom ?? null
  expect(['2025-12-31', '2026-01-01', '2026-06-30', '2026-07-01', '2030-01-01'].map(from)).toEqual([
    null,
    '2026-01-01',
    '2026-01-01',
    '2026-07-01',
    '2026-07-01',
  ])
  expect(packs.editionFor('E99000009', '2026-07-01')).toBeNull()
  expect(packs.statutoryFor('2020-01-01').area).toBe('every-shire')
})

test('an alias is refused where it stands: a few of them can stand for more than memory holds', () => {
  const text = packText({ 'authorities: [E99000001]': 'authorities: &all [E99000001]', 'tell: [{': 'points: *all\n    tell: [{' })
  expect(faultsOf(text)).toEqual(['zedshire/2026-01-01.yaml:11 write it out: a pack has no aliases'])
})

test('a draft is read wherever it stands', () => {
  expect(readDraft('draft.yaml', new TextEncoder().encode(packText()))).toMatchObject({
    kind: 'edition',
    edition: { label: 'zedshire/2026-01-01' },
  })
})
