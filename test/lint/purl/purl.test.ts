import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import { formatPurl, type Purl, parsePurl } from '../../../src/lib/lint/purl/index.ts'

function attempt<T>(run: () => T): T | 'refused' {
  try {
    return run()
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return 'refused'
    throw error
  }
}

const anyParts: fc.Arbitrary<Purl> = fc.record({
  type: fc.constantFrom('npm', 'golang', 'maven', 'pypi', 'github', 'git', 'generic', 'unheard-of'),
  namespace: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
  name: fc.string({ unit: 'binary', minLength: 1 }),
  version: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
  qualifiers: fc.option(
    fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9._-]*$/), fc.string({ minLength: 1 })),
    {
      nil: undefined,
    },
  ),
  subpath: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
})

describe('a package URL', () => {
  it('is the same after it was read and written again, whatever its parts hold', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const text = attempt(() => formatPurl(parts))
        if (text === 'refused') return
        expect(text).toMatch(/^pkg:[\w.-]+\/[\w.~:/%@?=&#-]+$/)
        expect(formatPurl(parsePurl(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps a name that looks like borders', () => {
    const parts = { type: 'generic', name: 'a/b@c?d#e%2F', version: '1@2/3' }
    expect(formatPurl(parts)).toBe('pkg:generic/a%2Fb%40c%3Fd%23e%252F@1%402%2F3')
    expect(parsePurl(formatPurl(parts))).toMatchObject(parts)
  })

  it('is refused, never more, when it is any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `pkg:npm/${text}`),
        ),
        (text) => {
          attempt(() => parsePurl(text))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['two qualifiers of one key', 'pkg:npm/a?b=1&b=2'],
    ['two keys that differ in case only', 'pkg:npm/a?b=1&B=2'],
    ['broken percent-encoding', 'pkg:npm/a%E0%A4%A'],
    ['no name', 'pkg:npm/'],
    ['more text than any package has', `pkg:npm/${'a'.repeat(10_000)}`],
  ])('is refused with %s', (_what, text) => {
    expect(attempt(() => parsePurl(text))).toBe('refused')
  })

  it('does not touch the prototypes of JavaScript', () => {
    expect(attempt(() => parsePurl('pkg:npm/a?__proto__=1'))).toBe('refused')
    const { qualifiers } = parsePurl('pkg:npm/a?constructor=1')
    expect(Object.keys(qualifiers ?? {})).toEqual(['constructor'])
  })

  it('is read in linear time', () => {
    const text = `pkg:npm/${'/'.repeat(4000)}a${'/'.repeat(4000)}`
    const before = performance.now()
    for (let i = 0; i < 100; i += 1) attempt(() => parsePurl(text))
    expect(performance.now() - before).toBeLessThan(2000)
  })
})
