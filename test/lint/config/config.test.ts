import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  configSchema,
  formatBaseline,
  parseBaseline,
  parseConfig,
  pruned,
} from '../../../src/lib/lint/config/index.ts'
import { fingerprinted } from '../../../src/lib/lint/findings/index.ts'
import { matchesPattern } from '../../../src/lib/lint/rules/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'
import { finding, HOSTILE } from '../../support/lint-findings.ts'

const WHOLE = `
version: 1
fail-on: warning
severity: info
select: ["SB*"]
skip: [no-hash]
rules: {SB0009: off, no-supplier: critical}
ignore: ["fixtures/**"]
baseline: lint-baseline.json
suppressions:
  - rule: SB0007
    path: sbom/*
    entity: pkg:npm/left-pad@*
    reason: reported to the vendor
    expires: "2030-01-31"
`

const GOOD = [WHOLE, 'version: 1\n', 'version: 1\nfail-on: never\n']

/** What is wrong, and the words that say so. */
const BAD: readonly (readonly [text: string, says: RegExp])[] = [
  ['version: 2\n', /version has to be 1/],
  ['fail-on: error\n', /version has to be 1/],
  ['- a\n', /table of settings/],
  ['version: 1\nfail_on: error\n', /unknown setting fail_on/],
  ['version: 1\nfail-on: fatal\n', /fail-on has to be one of/],
  ['version: 1\nselect: SB*\n', /select has to be a list/],
  ['version: 1\nskip: [1]\n', /skip has to be a list of texts/],
  ['version: 1\nrules: {SB9999: off}\n', /there is no rule SB9999/],
  ['version: 1\nrules: {SB0001: loud}\n', /SB0001 has to be off/],
  ['version: 1\nrules: [SB0001]\n', /rules has to be a table/],
  ['version: 1\nsuppressions: [{rule: SB0001}]\n', /suppressions\[0\]\.reason is missing/],
  ['version: 1\nsuppressions: [{rule: SB0001, reason: " "}]\n', /reason is missing/],
  ['version: 1\nsuppressions: [{reason: r}]\n', /rule is missing/],
  ['version: 1\nsuppressions: [{rule: SB0001, reason: r, until: x}]\n', /unknown setting until/],
  ['version: 1\nsuppressions: [{rule: SB0001, reason: r, expires: soon}]\n', /expires has to be a day/],
]

describe('.aiv-lint.yaml', () => {
  it('is read in full', () => {
    expect(parseConfig(WHOLE, 'f')).toEqual({
      failOn: 'warning',
      severity: 'info',
      select: ['SB*'],
      skip: ['no-hash', 'SB0009'],
      severities: new Map([['SB0027', 'critical']]),
      ignore: ['fixtures/**'],
      baseline: 'lint-baseline.json',
      suppressions: [
        {
          rule: 'SB0007',
          path: 'sbom/*',
          entity: 'pkg:npm/left-pad@*',
          reason: 'reported to the vendor',
          expires: '2030-01-31',
        },
      ],
    })
  })

  it.each(BAD)('that says %j is refused', (text, says) => {
    let message = ''
    try {
      parseConfig(text, 'settings.yaml')
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_USAGE' })
      message = (error as Error).message
    }
    expect(message).toMatch(says)
    expect(message).toMatch(/^settings\.yaml: /)
  })

  it('that is no YAML, or a bomb of aliases, is refused with its line', () => {
    expect(() => parseConfig('version: 1\nselect: [\n', 'f')).toThrow(/line \d+/)
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, index) => {
        const before = 'abcdefg'[index]
        return `${name}: &${name} [${`*${before},`.repeat(9)}]`
      }),
    ].join('\n')
    expect(() => parseConfig(`version: 1\n${bomb}\n`, 'f')).toThrow(/YAML|unknown setting/)
  })

  it('and a day that does not exist', () => {
    const text = 'version: 1\nsuppressions: [{rule: SB0001, reason: r, expires: "2027-02-29"}]\n'
    expect(() => parseConfig(text, 'f')).toThrow(/has to be a day/)
  })

  it('is judged by its JSON Schema as by the reader', () => {
    const validate = new Ajv({ strict: false }).compile(configSchema())
    for (const text of GOOD) {
      expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true)
      expect(() => parseConfig(text, 'f')).not.toThrow()
    }
    for (const [text] of BAD) expect(validate(parse(text)), text).toBe(false)
  })

  it('has the schema that the package publishes', () => {
    const published = readFileSync(join(REPOSITORY, 'docs/aiv-lint.schema.json'), 'utf8')
    expect(JSON.parse(published)).toEqual(configSchema())
  })
})

describe('patterns', () => {
  it.each([
    ['SB0001', 'SB*', true],
    ['SB0001', '*', true],
    ['', '*', true],
    ['', '', true],
    ['a', '', false],
    ['a/b/c.json', 'a/*.json', true],
    ['a/b/c.json', '*b*c*', true],
    ['a/b/c.json', 'b*', false],
    ['aaab', 'a*ab', true],
    ['aaba', 'a*ab', false],
    ['a.c', 'a?c', false],
    ['axc', 'a.c', false],
  ])('%j matches %j: %s', (text, pattern, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected)
  })

  it('take no time that grows faster than the text times the pattern', () => {
    const started = performance.now()
    expect(matchesPattern('a'.repeat(20_000), `${'*a'.repeat(100)}b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('a baseline', () => {
  const findings = fingerprinted(
    HOSTILE.map((message, index) => finding({ message, line: index + 1, path: message })),
  )

  it('is read as it was written, one finding a line, in one order', () => {
    const text = formatBaseline(findings)
    expect(formatBaseline(findings.toReversed())).toBe(text)
    expect(text.split('\n').filter((line) => line.includes('fingerprint'))).toHaveLength(findings.length)
    const read = parseBaseline(text, 'f')
    expect(new Set(read.map(({ fingerprint }) => fingerprint))).toEqual(
      new Set(findings.map(({ fingerprint }) => fingerprint)),
    )
    expect(formatBaseline(parseBaseline(formatBaseline([]), 'f'))).toBe(formatBaseline([]))
  })

  it('that is pruned keeps what is still found, and gets nothing new', () => {
    const entries = parseBaseline(formatBaseline(findings.slice(0, 3)), 'f')
    const left = pruned(entries, findings.slice(2))
    expect(left.map(({ fingerprint }) => fingerprint)).toEqual([findings[2]?.fingerprint])
  })

  it.each([
    '',
    '{',
    '[]',
    '{}',
    '{"version":2,"findings":[]}',
    '{"version":1,"findings":[{"fingerprint":"x"}]}',
  ])('of %j is refused', (text) => {
    expect(() => parseBaseline(text, 'f')).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})
