import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/lib/lint/reporters/index.ts'
import { finding, HOSTILE, reportInput, reportOf } from '../../support/lint-findings.ts'

const text = async (findings: Parameters<typeof reportOf>[0], options = {}): Promise<string> =>
  await renderReport('text', { ...reportInput(reportOf(findings)), ...options })

const ESCAPE = '\u001b'

describe('the report for a terminal', () => {
  it('groups findings by file and sums up', async () => {
    const report = await text([
      finding({ path: 'b.json' }),
      finding({ path: 'a.json', severity: 'warning', line: undefined, column: undefined }),
      finding({ path: 'a.json', severity: 'info', suppression: { kind: 'baseline', reason: 'known' } }),
    ])
    expect(report).toBe(`a.json
  -         warning  SB0004 Something refers to nothing.

b.json
  3:5       error    SB0004 Something refers to nothing.

2 findings in 2 files: 1 error, 1 warning; 1 suppressed
`)
  })

  it('shows ten of a rule in a file and counts the rest', async () => {
    const report = await text(Array.from({ length: 25 }, (_, index) => finding({ line: index + 1 })))
    expect(report.match(/Something refers/g)).toHaveLength(10)
    expect(report).toContain('… and 15 more of dangling-reference')
    expect(report).toContain('25 findings in 1 file: 25 errors')
  })

  it('leaves out what is below the severity, and says how many', async () => {
    const report = await text([finding({ severity: 'info' }), finding()], { severity: 'error' })
    expect(report).toContain('1 finding in 1 file: 1 error; 1 below error')
  })

  it('begins no line with a command to a CI runner, whatever files are called', async () => {
    const report = await text([
      finding({ path: '::stop-commands::x/bom.json', message: 'It is ##[add-mask]a.' }),
    ])
    expect(report).not.toMatch(/^\s*::|##\[/m)
  })

  it('has colors only when asked', async () => {
    expect(await text([finding()])).not.toContain(ESCAPE)
    expect(await text([finding()], { color: true })).toContain(`${ESCAPE}[31merror`)
  })

  it.each(HOSTILE)('is one line a finding, with nothing that acts on a terminal: %j', async (hostile) => {
    const report = await text([finding({ message: hostile, path: hostile })])
    expect(report.trim().split('\n')).toHaveLength(4)
    expect(report).not.toMatch(/[^\P{Cc}\n]|[\u202e\u2028]/u)
  })
})
