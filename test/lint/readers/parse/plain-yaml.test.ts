/** Another parser of YAML is the judge of the small one, over lockfiles and over what is made to confuse it. */
import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { parseLockYaml } from '../../../../src/lib/lint/readers/parse/plain-yaml.ts'
import { corpusFolder } from '../javascript/corpus.ts'

const PATTERNS = ['**/*pnpm*/*.yaml', '**/pnpm-lock.yaml', '**/*.v2.lock', '**/yarn-berry*/yarn.lock']

it('reads the lockfiles of pnpm and yarn as the full parser does', () => {
  const folder = corpusFolder()
  if (folder === undefined) return
  const files = globSync(PATTERNS, { cwd: folder })
  expect(files.length).toBeGreaterThan(30)
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8')
    expect({ file, value: comparable(parseLockYaml(text)) }).toEqual({ file, value: judged(text) })
  }
})

it.each([
  'a: 1\nb:\n  c: x # note\n  d: "q\\u0041"\n',
  "a: 'it''s'\n'b c': {d: e, f: [g, 'h, i'], j: {}}\n",
  'a:\n  - b\n  - "c: d"\ne: []\n',
  'a:\n- b\n- c\nd: e\n',
  '---\na: b\n---\nc: d\n',
  'a: |-\n  many\n  lines\nb: c\n',
  'a: >\n  folded\n  text\n',
  'a: plain text\n  that goes on\nb: c\n',
  'a: &x b\nc: *x\n',
  'a: !tag b\n',
  'a: http://x.y/z?q#r\n',
  'a:    \n  b: c   \n\n\n# d\n   # e\nf: null\n',
  'a: -\n',
  'a: - b\n',
  'a: b: c\n',
  '"a": b\n"c":d\n',
  'a: {b: c\n',
  'a: {b, c: d}\n',
  'a: [b, {c: d}, ]\n',
  'a: "b" c\n',
  '? a\n: b\n',
  'a: b\n   c: d\n',
  'a:\n    b: c\n  d: e\n',
  '- a\n- b\n',
  'just text\n',
  'a: ~\nb: True\nc: FALSE\nd: yes\n',
  '\ta: b\n',
  'a:\n\tb: c\n',
  'a: b\r\nc:\r\n  d: e\r\n',
  'a: {"b":c, "d": e}\n',
  "a: 'b\n  c'\n",
  '%YAML 1.2\n---\na: b\n',
  'a: b\n...\n',
  '{a: b}\n',
  'a#b: c#d\n',
  'a : b\n',
  ': b\n',
  'a: @b\n',
  'a: `b`\n',
  'a: b,c]d\n',
  'a: [b]c\n',
  '__proto__:\n  x: y\n',
])('agrees with the full parser about %j', (text) => {
  let wanted: unknown
  try {
    wanted = judged(text)
  } catch {
    expect(() => parseLockYaml(text)).toThrow()
    return
  }
  expect(comparable(parseLockYaml(text))).toEqual(wanted)
})

describe('whatever the content', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.constantFrom('a: b', '# c', '- d', "'", '"', '{', '|', '', '~', 'true', '1.0'),
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const root = fc.dictionary(fc.string({ minLength: 1 }), tree, {
    minKeys: 1,
    maxKeys: 5,
    noNullPrototype: true,
  })

  it('reads what another program writes', () => {
    fc.assert(
      fc.property(root, fc.constantFrom(0, 80), (value, lineWidth) => {
        const text = stringify(value, { lineWidth })
        expect(comparable(parseLockYaml(text))).toEqual(judged(text))
      }),
      { numRuns: 500 },
    )
  })
})

it('has a limit to nesting', () => {
  const deep = Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')
  expect(() => parseLockYaml(deep)).toThrow('nested')
  expect(() => parseLockYaml(`a: ${'['.repeat(100_000)}`)).toThrow('nested')
  expect(() => parseLockYaml(`a:\n  b${' -'.repeat(50_000)}: |\n`)).toThrow()
  expect(() => parseLockYaml(`a:\n   ${' -'.repeat(50_000)}   b: c\n`)).toThrow('nested')
})

/** Scalars as texts, which is what the small parser keeps them as. */
function judged(text: string): unknown {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false })
  if (!Array.isArray(documents)) return []
  for (const { errors } of documents) if (errors[0] !== undefined) throw errors[0]
  return comparable(documents.map((document) => document.toJS() as unknown))
}

/** What both must agree on: the full parser makes numbers, and neither tells an empty text from none here. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, item]) => [key, comparable(item)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const text = String(value ?? '')
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase()
  return /^[-+]?(?:\d|\.\d)/.test(text) && !Number.isNaN(Number(text)) ? String(Number(text)) : text
}
