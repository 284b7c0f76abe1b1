import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import parseWithJslicense from 'spdx-expression-parse'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import {
  expressionOf,
  formatExpression,
  isCopyleft,
  isDeprecatedId,
  likelyExpression,
  listedException,
  listedLicense,
  parseExpression,
  simpleLicenses,
} from '../../../src/lib/lint/licenses/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const LICENSES = ['MIT', 'Apache-2.0', 'GPL-2.0-or-later', 'MPL-1.1+', 'LicenseRef-a.b', 'ISC']
const EXCEPTIONS = ['Classpath-exception-2.0', 'LLVM-exception']

const expressionText: fc.Arbitrary<string> = fc.letrec<{ any: string; simple: string; compound: string }>(
  (tie) => ({
    any: fc.oneof({ maxDepth: 5 }, tie('simple'), tie('compound')),
    simple: fc
      .tuple(fc.constantFrom(...LICENSES), fc.option(fc.constantFrom(...EXCEPTIONS)))
      .map(([id, exception]) => (exception === null ? id : `${id} WITH ${exception}`)),
    compound: fc
      .tuple(tie('any'), fc.constantFrom('AND', 'OR'), tie('any'), fc.boolean())
      .map(([a, operator, b, brackets]) => (brackets ? `(${a} ${operator} ${b})` : `${a} ${operator} ${b}`)),
  }),
).any

interface Parsed {
  readonly license?: string
  readonly plus?: true
  readonly exception?: string
  readonly conjunction?: 'and' | 'or'
  readonly left?: Parsed
  readonly right?: Parsed
}

/** What the other parser found, flattened as ours. */
function flat(parsed: Parsed): unknown {
  const { license, plus, exception, conjunction: kind, left, right } = parsed
  if (license !== undefined) return { kind: 'license', id: license, orLater: plus === true, exception }
  const operands = [left, right].flatMap((side) => {
    const operand = flat(side as Parsed) as { kind: string; operands: unknown[] }
    return operand.kind === kind ? operand.operands : [operand]
  })
  return { kind, operands }
}

describe('a license expression', () => {
  it('means what another parser says it means', () => {
    fc.assert(
      fc.property(expressionText, (text) => {
        expect(parseExpression(text)).toEqual(flat(parseWithJslicense(text) as Parsed))
      }),
      { numRuns: 1000 },
    )
  })

  it('means the same when it is written again', () => {
    fc.assert(
      fc.property(expressionText, (text) => {
        const expression = parseExpression(text)
        expect(parseExpression(formatExpression(expression))).toEqual(expression)
      }),
    )
  })

  it('is refused, never more, when it is any text', () => {
    const pieces = fc.array(
      fc.constantFrom('(', ')', ' ', '+', 'MIT', ' AND ', ' OR', 'WITH', 'LicenseRef-', ':'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((all) => all.join('')),
        ),
        (text) => {
          expressionOf(text)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['MIT AND', 'a license is missing at the end', 8],
    ['MIT & ISC', '"&" has no place in it', 5],
    ['Apache 2.0', 'Apache is not in the SPDX License List', 1],
    ['MIT ISC', 'ISC is one too many', 5],
    ['(MIT OR ISC', 'a closing parenthesis is missing at the end', 12],
    ['MIT WITH ISC', 'ISC is no exception that SPDX lists', 10],
  ])('%s: says what is wrong and where', (text, reason, character) => {
    expect(() => parseExpression(text)).toThrow(`${reason} (character ${character})`)
  })

  it('is bounded in length and depth', () => {
    const deep = `${'('.repeat(5000)}MIT${')'.repeat(5000)}`
    const wide = Array.from({ length: 1000 }, () => 'MIT').join(' OR ')
    expect(() => parseExpression(deep)).toThrow('nested too deep')
    expect(simpleLicenses(parseExpression(wide))).toHaveLength(1000)
    expect(() => parseExpression(`${wide} OR ${wide} OR ${wide}`)).toThrow('too long')
    try {
      parseExpression(deep)
    } catch (error) {
      expect(isAivError(error, 'E_MALFORMED')).toBe(true)
    }
  })
})

describe('the list of licenses', () => {
  it('has every identifier that the CycloneDX schema has', () => {
    const path = conformancePath('lint', 'schemas', 'spdx.schema.json')
    if (path === undefined) return
    const { enum: ids } = JSON.parse(readFileSync(path, 'utf8')) as { readonly enum: readonly string[] }
    expect(ids.length).toBeGreaterThan(800)
    const missing = ids.filter((id) => {
      const plain = id.replace(/\+$/, '')
      return listedLicense(plain) !== plain && listedException(id) !== id
    })
    expect(missing).toEqual([])
  })

  it('says which identifiers SPDX gave up', () => {
    expect(['GPL-2.0', 'GPL-2.0+', 'eCos-2.0', 'Nokia-Qt-exception-1.1'].map(isDeprecatedId)).toEqual(
      Array(4).fill(true),
    )
    expect(['GPL-2.0-only', 'MIT', 'MPL-1.1'].map(isDeprecatedId)).toEqual(Array(3).fill(false))
  })

  it('says which licenses are copyleft', () => {
    expect(
      ['GPL-3.0-only', 'LGPL-2.1-or-later', 'MPL-2.0', 'EPL-2.0', 'AGPL-3.0-only'].map(isCopyleft),
    ).toEqual(Array(5).fill(true))
    expect(['MIT', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'Unlicense', 'CC0-1.0'].map(isCopyleft)).toEqual(
      Array(6).fill(false),
    )
  })
})

describe('a name that is no expression', () => {
  it.each([
    ['Apache 2.0', 'Apache-2.0'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['The MIT License', 'MIT'],
    ['GPLv3', 'GPL-3.0-only'],
    ['GPL v2 or later', 'GPL-2.0-or-later'],
    ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['MIT || GPLv2', 'MIT OR GPL-2.0-only'],
    ['New BSD License', 'BSD-3-Clause'],
  ])('%s: probably means %s', (text, expression) => {
    expect(likelyExpression(text)).toBe(expression)
  })

  it.each(['MIT', 'SEE LICENSE IN LICENSE.txt', 'UNLICENSED', 'Commercial', '', '/', 'a'.repeat(10_000)])(
    'is left alone where it means nothing else: %s',
    (text) => {
      expect(likelyExpression(text)).toBeUndefined()
    },
  )
})
