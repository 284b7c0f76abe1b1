import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { satisfies } from '../../../../src/lib/lint/readers/python/package/index.ts'

const VERSIONS = [
  '0.0',
  '0.0.3',
  '0.9',
  '1',
  '1.0',
  '1.0.0',
  '1.0.dev1',
  '1.0a1',
  '1.0a1.dev2',
  '1.0-alpha-2',
  '1.0b2',
  '1.0rc1',
  '1.0c2',
  '1.0.post1',
  '1.0.post1.dev3',
  '1.0-2',
  '1.0rev4',
  '1.0+local',
  '1.0+local.7',
  '1.0.1',
  '1.1',
  '1.1.dev3',
  '1.10',
  '1.2.3',
  'v1.2.3',
  '1.2.3.4',
  '2.0a1',
  '2.0',
  '2.0.post1',
  '1!0.5',
  '1!1.0',
]

const BOUNDS = [
  '0',
  '0.0',
  '1',
  '1.0',
  '1.0.0',
  '1.0a1',
  '1.0rc1',
  '1.0.dev1',
  '1.0.post1',
  '1.1',
  '1.2.3',
  '2.0',
  '1!0.5',
]

const SPECIFIERS = [
  '',
  ...['==', '!=', '<=', '>=', '<', '>', '==='].flatMap((operator) => BOUNDS.map((bound) => operator + bound)),
  ...BOUNDS.filter((bound) => bound.includes('.')).map((bound) => `~=${bound}`),
  '==1.*',
  '!=1.*',
  '==1.0.*',
  '!=1.0.*',
  '==1!0.*',
  '==1.0+local',
  '!=1.0+local',
  '>=1.0,<2.0',
  '>= 1.0 , != 1.1 , < 2',
  '>1.0,<=1.2.3',
]

const PROGRAM = `
import json, sys
import packaging
from packaging.specifiers import SpecifierSet
if int(packaging.__version__.split(".")[0]) < 26:
    sys.exit("packaging " + packaging.__version__ + " differs from PEP 440 about pre-releases and local versions")
versions, specifiers = json.load(sys.stdin)
print(json.dumps([[SpecifierSet(s).contains(v, prereleases=True) for v in versions] for s in specifiers]))
`

/** The packaging library of Python itself; undefined, with a printed reason, where it is not installed. */
function judged(): boolean[][] | undefined {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PROGRAM], {
    encoding: 'utf8',
    input: JSON.stringify([VERSIONS, SPECIFIERS]),
  })
  if (status === 0) return JSON.parse(stdout) as boolean[][]
  process.stdout.write(`skipped: python3 with packaging does not run: ${stderr}\n`)
  return undefined
}

const expected = judged()

describe.runIf(expected !== undefined)('a version', () => {
  it.each(SPECIFIERS.map((specifier, index) => [specifier, index] as const))(
    'satisfies %j where Python says so',
    (specifier, index) => {
      const ours = VERSIONS.filter((version) => satisfies(version, specifier))
      expect(ours).toEqual(VERSIONS.filter((_, at) => expected?.[index]?.[at]))
    },
  )
})

// The tables of Poetry's documentation, "Dependency specification".
describe('a version of Poetry', () => {
  it.each([
    ['^1.2.3', '>=1.2.3 <2.0.0'],
    ['^1.2', '>=1.2.0 <2.0.0'],
    ['^1', '>=1.0.0 <2.0.0'],
    ['^0.2.3', '>=0.2.3 <0.3.0'],
    ['^0.0.3', '>=0.0.3 <0.0.4'],
    ['^0.0', '>=0.0.0 <0.1.0'],
    ['^0', '>=0.0.0 <1.0.0'],
    ['~1.2.3', '>=1.2.3 <1.3.0'],
    ['~1.2', '>=1.2.0 <1.3.0'],
    ['~1', '>=1.0.0 <2.0.0'],
    ['1.*', '>=1.0.0 <2.0.0'],
    ['1.2.*', '>=1.2.0 <1.3.0'],
  ])('satisfies %s as it satisfies %s', (short, long) => {
    const releases = [
      '0.0',
      '0.0.3',
      '0.0.4',
      '0.1',
      '0.2.3',
      '0.3',
      '1',
      '1.0',
      '1.2',
      '1.2.3',
      '1.2.4',
      '1.3',
      '2',
      '2.1',
    ]
    const ours = releases.filter((version) => satisfies(version, short))
    expect(ours).toEqual(releases.filter((version) => satisfies(version, long)))
    expect(ours.length).toBeGreaterThan(0)
  })

  it('satisfies one of several', () => {
    const range = '>=0.14.0,<0.15.0 || >0.15.0,<0.15.1 || >0.15.1'
    expect(
      ['0.14', '0.15.0', '0.15.0.1', '0.15.1', '0.16'].filter((version) => satisfies(version, range)),
    ).toEqual(['0.14', '0.15.0.1', '0.16'])
  })

  it('is not ruled out by what is no specifier, and costs no time', () => {
    expect(satisfies('1.0', 'what?')).toBe(true)
    expect(satisfies('not a version', '>=2')).toBe(true)
    expect(satisfies('1.0', `>=1${'.1'.repeat(100_000)}`)).toBe(true)
    expect(satisfies('1', `${' '.repeat(200_000)}x${' ,'.repeat(200_000)}`)).toBe(true)
  })
})
