import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BOM_FORMATS, convertBom, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { aiv, REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { SAMPLE } from './sample-bom.ts'
import { schemaErrors } from './schemas.ts'

const TOOL = { name: 'aiv', version: '0.1.0', vendor: 'aivillage' }

describe('aiv lint convert', () => {
  test('gives the first bytes again after a tour of all formats', async () => {
    const first = await writeBom(SAMPLE, 'spdx-json')
    let text = first
    for (const format of [...BOM_FORMATS, 'spdx-json'] as const)
      text = await writeBom(convertBom((await readBom(text)).bom, TOOL), format)
    expect(text).toBe(first)
  })

  test('names itself once beside the tool that made the first document', async () => {
    const foreign = { ...SAMPLE, document: { ...SAMPLE.document, tools: [{ name: 'other', version: '9' }] } }
    const once = convertBom(foreign, TOOL)
    expect(once.document.tools).toEqual([{ name: 'other', version: '9' }, TOOL])
    expect(convertBom(once, TOOL)).toEqual(once)
  })

  test('writes a document from stdin to stdout', async () => {
    const input = readFileSync(join(REPOSITORY, 'fixtures/sbom/new.cdx.json'), 'utf8')
    const { stdout, code } = await aiv(['lint', 'convert', '--format', 'cdx-json@1.7'], { input })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.7' })
    expect(schemaErrors('cdx-json@1.7', stdout) ?? []).toEqual([])
  })

  test('writes several files and says so in JSON', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.json'), await writeBom(SAMPLE, 'cdx-json'))
    const outputs = ['--output', 'spdx-tv=a.spdx', '--output', 'spdx3-json=a.spdx3.json']
    const { stdout, code } = await aiv(['lint', 'convert', 'a.json', ...outputs, '--json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      from: { family: 'cyclonedx', version: '1.6', encoding: 'json' },
      components: 4,
      defects: [],
    })
    expect(readFileSync(join(cwd, 'a.spdx'), 'utf8')).toMatch(/^SPDXVersion: SPDX-2\.3\n/)
    expect(schemaErrors('spdx3-json', readFileSync(join(cwd, 'a.spdx3.json'), 'utf8')) ?? []).toEqual([])
  })

  test('tells defects with their lines, and with --strict writes nothing', async () => {
    const cwd = temporaryFolder()
    const broken = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'a', 'bom-ref': 'a' }],
      dependencies: [{ ref: 'a', dependsOn: ['gone'] }],
    }
    writeFileSync(join(cwd, 'a.json'), JSON.stringify(broken, undefined, 2))
    const lenient = await aiv(['lint', 'convert', 'a.json'], { cwd })
    expect(lenient.code).toBe(0)
    expect(lenient.stderr).toContain('warning: line 12: there is no gone in the document')
    expect(JSON.parse(lenient.stdout)).toMatchObject({ spdxVersion: 'SPDX-2.3' })
    const strict = await aiv(['lint', 'convert', 'a.json', '--strict'], { cwd })
    expect([strict.code, strict.stdout]).toEqual([1, ''])
  })

  test.each([
    ['XML', '<?xml version="1.0"?><bom/>', 'E_UNSUPPORTED'],
    ['YAML', 'spdxVersion: "SPDX-2.3"\n', 'E_UNSUPPORTED'],
    ['broken JSON', '{"bomFormat": "CycloneDX",\n', 'E_MALFORMED'],
    ['other JSON', '{"name": "x"}', 'E_MALFORMED'],
    ['other text', 'hello', 'E_MALFORMED'],
    ['a text without its end', 'SPDXVersion: SPDX-2.3\nDocumentComment: <text>a\n', 'E_MALFORMED'],
  ])('refuses %s with exit code 2', async (_, input, errorCode) => {
    const { stderr, stdout, code } = await aiv(['lint', 'convert', '--json'], { input })
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: errorCode } })
  })
})
