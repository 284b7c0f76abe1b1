import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/lib/lint/findings/index.ts'
import { renderReport } from '../../../src/lib/lint/reporters/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { judgeProgram } from '../../support/judges.ts'
import { finding, HOSTILE, reportInput, reportOf } from '../../support/lint-findings.ts'
import { officialSarif } from '../../support/official-schemas.ts'

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly invocations: readonly Record<string, unknown>[]
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly level: string
        readonly message: { readonly text: string }
        readonly locations: readonly [
          {
            readonly physicalLocation: { readonly artifactLocation: { uri: string }; readonly region: object }
          },
        ]
        readonly suppressions: readonly Record<string, unknown>[]
        readonly partialFingerprints: Record<string, string>
      }[]
    },
  ]
}

async function sarifOf(
  findings: readonly Omit<Finding, 'fingerprint'>[],
  changes: Parameters<typeof reportOf>[1] = {},
): Promise<{ readonly text: string; readonly run: Sarif['runs'][0] }> {
  const text = await renderReport('sarif', reportInput(reportOf(findings, changes)))
  return { text, run: (JSON.parse(text) as Sarif).runs[0] }
}

const everything = [
  finding(),
  finding({ rule: 'SB0027', severity: 'info', line: undefined, column: undefined, endColumn: undefined }),
  finding({ rule: 'SB0009', severity: 'warning', entity: 'pkg:npm/a@1', path: 'folder with space/ü#?.spdx' }),
  finding({
    severity: 'critical',
    suppression: { kind: 'config', reason: 'accepted', expires: '2030-01-01' },
  }),
  finding({ line: 9, suppression: { kind: 'baseline', reason: 'it was there' } }),
  ...HOSTILE.map((message) =>
    finding({ message, path: `x/${message.replace(/[\n\r\0]/g, '')}`, entity: message }),
  ),
]

const unfinished = [{ path: 'private', message: 'the folder cannot be read' }]

const official = officialSarif()
const multitool = judgeProgram('@microsoft/sarif-multitool-linux', 'Sarif.Multitool')

describe('a SARIF report', () => {
  it.skipIf(official === undefined)('keeps to the official schema', async () => {
    for (const findings of [[], everything]) {
      const { text } = await sarifOf(findings, { unfinished })
      expect(official?.(JSON.parse(text)), JSON.stringify(official?.errors)).toBe(true)
    }
  })

  it.skipIf(multitool === undefined)(
    'has no error for GitHub, as the multitool of its makers says',
    { timeout: 60_000 },
    async () => {
      const folder = temporaryFolder()
      const { text } = await sarifOf(everything, { unfinished })
      // The judge must be seen to object: the same report without its rules.
      const broken = JSON.parse(text)
      delete broken.runs[0].tool.driver.rules
      for (const [name, content, wanted] of [
        ['good.sarif', text, 0],
        ['broken.sarif', JSON.stringify(broken), 1],
      ] as const) {
        writeFileSync(join(folder, name), content)
        const { stdout } = spawnSync(
          multitool as string,
          ['validate', join(folder, name), '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning;Note'],
          { encoding: 'utf8', timeout: 50_000 },
        )
        const errors = stdout
          .split('\n')
          .filter((line) => /: error /.test(line) && !line.includes('SARIF2006'))
        if (wanted === 0) expect(errors).toEqual([])
        else expect(errors.length).toBeGreaterThan(0)
      }
    },
  )

  it('points each result at its rule, level, place and fingerprint', async () => {
    const { run } = await sarifOf([finding({ entity: 'pkg:npm/a@1' })])
    const [result] = run.results
    expect(run.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe('SB0004')
    expect(result).toMatchObject({
      level: 'error',
      message: { text: 'Something refers to nothing.' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'sbom.cdx.json', uriBaseId: '%SRCROOT%' },
            region: { startLine: 3, startColumn: 5, endColumn: 9 },
          },
        },
      ],
    })
    expect(result?.partialFingerprints['aivLint/v1']).toMatch(/^[0-9a-f]{64}$/)
  })

  it('writes suppressions with their reason, and marks all others as not suppressed', async () => {
    const { run } = await sarifOf(everything.slice(3, 5).concat(finding({ line: 1 })))
    expect(
      run.results.map(({ suppressions }) => suppressions.map(({ justification }) => justification)),
    ).toEqual(expect.arrayContaining([['accepted'], ['it was there'], []]))
  })

  it('percent-encodes paths so that they are relative references', async () => {
    const { run } = await sarifOf([finding({ path: 'a b/c:d/ü#?.json' })])
    expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe(
      'a%20b/c%3Ad/%C3%BC%23%3F.json',
    )
  })

  it('keeps the 25,000 gravest results that GitHub takes, and says how many it left out', {
    timeout: 60_000,
  }, async () => {
    const many = Array.from({ length: 25_010 }, (_, index) =>
      finding({ line: index + 1, severity: index < 25_000 ? 'info' : 'error' }),
    )
    const { run } = await sarifOf(many)
    expect(run.results).toHaveLength(25_000)
    expect(run.results.filter(({ level }) => level === 'error')).toHaveLength(10)
    expect(JSON.stringify(run.invocations)).toContain('10 findings of the least severity were left out.')
  })
})
