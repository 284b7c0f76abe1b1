import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { VERDICTS } from '../../../src/lib/lint/findings/index.ts'
import { REPORT_FORMATS, renderReport } from '../../../src/lib/lint/reporters/index.ts'
import { CYCLONEDX_DOCUMENT, SPDX_DOCUMENT } from '../../support/lint-documents.ts'
import { HOSTILE, reportInput } from '../../support/lint-findings.ts'
import { lintTexts } from '../../support/lint-texts.ts'
import { mutated, seeded } from '../../support/mutations.ts'

const TAG_VALUE = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: demo
DocumentNamespace: https://example.com/spdx/demo
Creator: Person: Ada Example
Created: 2026-01-31T12:00:00Z
PackageName: left-pad
SPDXID: SPDXRef-left-pad
PackageVersion: 1.3.0
PackageDownloadLocation: NOASSERTION
PackageLicenseDeclared: WTFPL
PackageComment: <text>two
lines</text>
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-left-pad
`

const VALUES: readonly unknown[] = [
  ...HOSTILE,
  null,
  [],
  {},
  0,
  -1,
  1e308,
  true,
  '',
  '__proto__',
  'constructor',
  'pkg:',
  'pkg:npm/%',
  'SPDXRef-',
  '(',
  'MIT OR '.repeat(2000),
  [[[[]]]],
  { __proto__: null, constructor: 1 },
]

async function survives(name: string, text: string): Promise<number> {
  const { report } = await lintTexts({ [name]: text })
  for (const { verdict } of report.verdicts) expect(VERDICTS).toContain(verdict)
  for (const { message, fingerprint, line = 1, column = 1 } of report.findings) {
    expect(message).toMatch(/[.!?]$/)
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(line >= 1 && column >= 1).toBe(true)
  }
  for (const format of REPORT_FORMATS) expect(await renderReport(format, reportInput(report))).toMatch(/\n$/)
  return report.findings.length
}

describe('whatever a document holds, there is a report', () => {
  it.each([
    ['a.cdx.json', CYCLONEDX_DOCUMENT],
    ['a.spdx.json', SPDX_DOCUMENT],
  ])('%s with changed values', { timeout: 120_000 }, async (name, document) => {
    const next = seeded(7)
    let found = 0
    for (let round = 0; round < 400; round += 1) {
      let changed: unknown = document
      for (let change = 0; change <= next(4); change += 1) changed = mutated(changed, VALUES, next)
      found += await survives(name, JSON.stringify(changed, undefined, 1))
    }
    expect(found).toBeGreaterThan(400)
  })

  it.each([
    ['a.cdx.json', JSON.stringify(CYCLONEDX_DOCUMENT)],
    ['a.spdx.json', JSON.stringify(SPDX_DOCUMENT)],
    ['a.spdx', TAG_VALUE],
  ])('%s that is cut, or has other characters', { timeout: 120_000 }, async (name, text) => {
    const next = seeded(8)
    const pieces = [...HOSTILE, '"', '{', ']', ',', '\\', '</text>', '<text>', '\u0000', ': ', '\r\n']
    for (let round = 0; round < 200; round += 1) {
      const at = next(text.length)
      await survives(name, text.slice(0, at))
      await survives(name, text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at + next(3)))
    }
  })

  it('deep nesting, long chains of dependencies and wide graphs end', { timeout: 120_000 }, async () => {
    const started = performance.now()
    await survives(
      'deep.cdx.json',
      `{"bomFormat":"CycloneDX","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    )
    let nested: Record<string, unknown> = { type: 'library', name: 'leaf' }
    for (let depth = 0; depth < 90; depth += 1)
      nested = { type: 'library', name: `n${depth}`, 'bom-ref': `r${depth}`, components: [nested] }
    await survives('nested.cdx.json', JSON.stringify({ ...CYCLONEDX_DOCUMENT, components: [nested] }))
    const count = 20_000
    const ref = (index: number): string => `ref-${index}`
    const chain = {
      ...CYCLONEDX_DOCUMENT,
      components: Array.from({ length: count }, (_, index) => ({
        type: 'library',
        name: 'n',
        'bom-ref': ref(index),
      })),
      dependencies: [
        { ref: 'pkg:npm/demo@1.0.0', dependsOn: [ref(0)] },
        ...Array.from({ length: count }, (_, index) => ({
          ref: ref(index),
          dependsOn: [ref((index + 1) % count)],
        })),
      ],
    }
    expect(await survives('chain.cdx.json', JSON.stringify(chain, undefined, 1))).toBeGreaterThan(count)
    // A minute would mean that something compares everything with everything.
    expect(performance.now() - started).toBeLessThan(60_000)
  })
})
