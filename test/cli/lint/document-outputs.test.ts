import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentOnStdout, outputTargets, writeDocument } from '../../../src/lib/cli/lint/document-outputs.ts'
import { parseReportOutputs } from '../../../src/lib/cli/lint/report-outputs.ts'
import { temporaryFolder } from '../../support/aiv.ts'

describe('stdout carries a document', () => {
  it.each([
    ['sbom .', true],
    ['sbom . --json', true],
    ['sbom . --output spdx-json=a.json', false],
    ['sbom . --output=spdx-json=a.json', false],
    ['sbom . -o spdx-json=a.json', false],
    ['sbom . -ospdx-json=a.json', false],
    ['sbom . -o spdx-json=a.json --output cdx-json=-', true],
    ['sbom . -ocdx-json=-', true],
  ])('of aiv lint %s: %s', (words, expected) => {
    expect(documentOnStdout(words.split(' '))).toBe(expected)
  })
})

describe('two outputs in one place', () => {
  it('are refused, because the second would take the place of the first', () => {
    expect(() => outputTargets('spdx-json', ['spdx-json=a.json', 'cdx-json=./a.json'])).toThrow(
      'two outputs name ./a.json',
    )
    expect(() => parseReportOutputs(['sarif=a', 'junit=a'])).toThrow('two outputs name a')
    expect(() => outputTargets('spdx-json', ['spdx-json=-', 'cdx-json=-'])).toThrow('one document only')
  })
})

describe('a document', () => {
  it('is written into folders that are made for it', async () => {
    const file = join(temporaryFolder(), 'made', 'deep', 'sbom.json')
    await writeDocument(file, '{}')
    expect(readFileSync(file, 'utf8')).toBe('{}')
  })

  it('is not written where a file stands in place of a folder', async () => {
    const folder = temporaryFolder()
    await writeDocument(join(folder, 'a'), '{}')
    await expect(writeDocument(join(folder, 'a', 'b'), '{}')).rejects.toMatchObject({ code: 'E_IO' })
    expect(existsSync(join(folder, 'a', 'b'))).toBe(false)
  })
})
