import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import type { Bom, Component, Licenses } from '../../../src/lib/lint/bom/index.ts'
import { checkLicenses, licensePolicy, parseException } from '../../../src/lib/lint/licenses/index.ts'

function npm(name: string, licenses?: Licenses, rest: Partial<Component> = {}): Component {
  const purl = `pkg:npm/${name}@1.0.0`
  return {
    ref: purl,
    purl,
    type: 'library',
    name,
    version: '1.0.0',
    origin: 'registry',
    scope: 'required',
    licenses,
    ...rest,
  }
}

function bom(...components: readonly Component[]): Bom {
  const base = { type: 'application', origin: 'workspace', scope: 'required' } as const
  return {
    document: { name: 'test', authors: [], tools: [], lifecycles: [] },
    primary: 'path:.',
    components: [
      ...components,
      { ...base, ref: 'path:.', name: 'app' },
      { ...base, ref: 'path:lib', name: 'lib' },
    ],
    dependencies: new Map(),
    extractedLicenses: [],
  }
}

function verdicts(
  components: readonly Component[],
  allow: readonly string[],
  deny: readonly string[] = [],
): unknown {
  return checkLicenses(bom(...components), licensePolicy(allow, deny)).judged.map(({ verdict, reason }) => [
    verdict,
    reason,
  ])
}

describe('the licenses of an inventory', () => {
  it('are those of others: the project and its workspace are not judged', () => {
    expect(verdicts([], ['MIT'])).toEqual([])
    expect(checkLicenses(bom(npm('a')), licensePolicy([], [])).judged).toHaveLength(1)
  })

  it('are accepted or refused, and the reason names the license', () => {
    expect(
      verdicts([npm('a', { declared: 'MIT' }), npm('b', { declared: 'ISC AND GPL-3.0' })], ['MIT', 'ISC']),
    ).toEqual([
      ['accepted', undefined],
      ['refused', 'GPL-3.0 may not be used'],
    ])
  })

  it('have to be accepted both, where the declared and the concluded one differ', () => {
    expect(verdicts([npm('a', { declared: 'GPL-3.0-only', concluded: 'MIT' })], ['MIT'])).toEqual([
      ['refused', 'GPL-3.0-only may not be used'],
    ])
    expect(verdicts([npm('a', { declared: 'MIT', concluded: 'GPL-3.0-only' })], ['MIT'])).toEqual([
      ['refused', 'GPL-3.0-only may not be used'],
    ])
  })

  it('are judged by the concluded one alone, where the declared one is free text', () => {
    expect(verdicts([npm('a', { declared: 'see the file', concluded: 'MIT' })], ['MIT'])).toEqual([
      ['accepted', undefined],
    ])
  })

  it.each([[undefined], [{}], [{ declared: 'NOASSERTION' }], [{ declared: 'NONE', concluded: ' ' }]])(
    'are unknown where none is given: %j',
    (licenses) => {
      expect(verdicts([npm('a', licenses)], [], ['GPL-3.0-only'])).toEqual([
        ['unknown', 'no license is given'],
      ])
    },
  )

  it('are unknown where they are no expression, whatever they probably mean', () => {
    const { judged } = checkLicenses(
      bom(npm('a', { declared: 'Apache 2.0' })),
      licensePolicy(['Apache-2.0'], []),
    )
    expect(judged).toMatchObject([
      {
        verdict: 'unknown',
        reason: '"Apache 2.0" is no SPDX expression',
        likely: 'Apache-2.0',
        declared: 'Apache 2.0',
      },
    ])
  })

  it('have one spelling, so that they can be counted', () => {
    const { judged } = checkLicenses(
      bom(npm('a', { declared: '(MIT OR Apache-2.0)' }), npm('b', { declared: 'apache-2.0 or MIT' })),
      licensePolicy([], []),
    )
    expect(judged.map(({ license }) => license)).toEqual(['Apache-2.0 OR MIT', 'Apache-2.0 OR MIT'])
  })
})

describe('an exception', () => {
  const components = [npm('a', { declared: 'GPL-3.0-only' }), npm('b'), npm('c', { declared: 'MIT' })]

  it.each([
    ['pkg:npm/a', ['excepted', 'unknown', 'accepted']],
    ['pkg:npm/a@1.0.0', ['excepted', 'unknown', 'accepted']],
    ['pkg:npm/b', ['refused', 'excepted', 'accepted']],
  ])('%s lets what it names pass, and nothing else', (purl, expected) => {
    const report = checkLicenses(bom(...components), licensePolicy(['MIT'], []), [{ purl, reason: 'agreed' }])
    expect(report.judged.map(({ verdict }) => verdict)).toEqual(expected)
    expect(report.judged.find(({ verdict }) => verdict === 'excepted')?.reason).toBe('agreed')
    expect(report.unused).toEqual([])
  })

  it.each(['pkg:npm/a@2.0.0', 'pkg:npm/c', 'pkg:pypi/a'])('%s is told when nothing needs it', (purl) => {
    const exception = { purl, reason: 'agreed' }
    const report = checkLicenses(bom(...components), licensePolicy(['MIT'], []), [exception])
    expect(report.judged.map(({ verdict }) => verdict)).toEqual(['refused', 'unknown', 'accepted'])
    expect(report.unused).toEqual([exception])
  })

  it('has a package URL and a reason', () => {
    expect(parseException('pkg:npm/a@1  our lawyers agreed ')).toEqual({
      purl: 'pkg:npm/a@1',
      reason: 'our lawyers agreed',
    })
    for (const text of ['pkg:npm/a', 'pkg:npm/a  ', 'a because', '']) {
      try {
        parseException(text)
        expect.unreachable()
      } catch (error) {
        expect(isAivError(error, 'E_USAGE')).toBe(true)
      }
    }
  })
})
