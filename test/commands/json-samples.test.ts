import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, REPOSITORY, temporaryFolder } from '../support/aiv.ts'
import { RFC9934_LIST } from '../support/ech-material.ts'
import { broken } from '../support/json-promise.ts'
import { prepareInventories } from '../support/lint-workplace.ts'
import { prepareMixPackets } from '../support/mix-workplace.ts'
import { prepareSignedBoms } from '../support/signed-boms.ts'

/** Recorded sample, and the words that print its like. */
const SAMPLES: readonly (readonly [sample: string, args: readonly string[]])[] = [
  ['version', ['--version', '--json']],
  ['help', ['help', 'config', 'set', '--json']],
  ['error', ['config', 'get', 'nothing', '--json']],
  ['doctor', ['doctor', '--json']],
  ['config-list', ['config', 'list', '--json']],
  ['config-get', ['config', 'get', 'log-level', '--json']],
  ['demo', ['demo', '--step', 'cryptography', '--json']],
  ['htx-ticket-new', ['htx', 'ticket', 'new', '--out', 't.json', '--out-grant', 'g.json', '--json']],
  ['utls-ech-config-new', ['utls', 'ech', 'config', 'new', '--public-name', 'public.example.com', '--json']],
  ['utls-ech-config-show', ['utls', 'ech', 'config', 'show', RFC9934_LIST, '--json']],
  [
    'utls-ech-seal',
    ['utls', 'ech', 'seal', '--config', RFC9934_LIST, '--sni', 'example.com', '--chrome', '154', '--json'],
  ],
  ['utls-hello', ['utls', 'hello', '--chrome', '154', '--sni', 'example.com', '--json']],
  ['utls-template-diff', ['utls', 'template', 'diff', 'chrome-150', 'chrome-152', '--json']],
  ['utls-template-list', ['utls', 'template', 'list', '--json']],
  ['utls-template-show', ['utls', 'template', 'show', 'chrome-154', '--json']],
  ['utls-bench', ['utls', 'bench', '--only', 'hello.build', '--runs', '1', '--json']],
  ['mix-bench', ['mix', 'bench', '--only', 'create.kem', '--runs', '1', '--json']],
  ['mix-geometry', ['mix', 'geometry', '--json']],
  ['mix-key-new', ['mix', 'key', 'new', '--out', 'new.json', '--json']],
  ['mix-key-path', ['mix', 'key', 'path', 'hop1.json', 'hop2.json', '--delay', '33ms', '--json']],
  ['mix-key-show', ['mix', 'key', 'show', 'hop1.json', '--json']],
  [
    'mix-packet-new',
    ['mix', 'packet', 'new', 'message.txt', '--path', 'path.json', '--recipient', 'alice', '--json'],
  ],
  ['mix-packet-show', ['mix', 'packet', 'show', 'packet.bin', '--json']],
  ['mix-packet-unwrap', ['mix', 'packet', 'unwrap', 'packet.bin', '--key', 'hop1.json', '--json']],
  ['mix-packet-dropped', ['mix', 'packet', 'unwrap', 'packet.bin', '--key', 'hop2.json', '--json']],
  [
    'mix-surb-new',
    ['mix', 'surb', 'new', '--path', 'path.json', '--recipient', 'bob', '--keys', 'new.json', '--json'],
  ],
  ['mix-surb-open', ['mix', 'surb', 'open', 'reply-payload.bin', '--keys', 'keys.json', '--json']],
  ['mix-surb-use', ['mix', 'surb', 'use', 'message.txt', '--surb', 'surb.bin', '--json']],
  ['lint-sbom-verify', ['lint', 'sbom', 'verify', 'bom.cdx.json', '--json']],
  ['lint-bench', ['lint', 'bench', '--only', 'sbom.700', '--runs', '1', '--json']],
  ['lint-sbom', ['lint', 'sbom', '.', '--output', 'spdx-json=sbom.json', '--json']],
  ['lint-sbom-files', ['lint', 'sbom', '--list-files', '--json']],
  ['lint-convert', ['lint', 'convert', 'new.cdx.json', '--output', 'spdx-json=new.spdx.json', '--json']],
  ['lint-diff', ['lint', 'diff', 'old.spdx.json', 'new.cdx.json', '--json']],
  ['lint-licenses', ['lint', 'licenses', 'new.cdx.json', '--allow', 'MIT', '--json']],
  ['lint-score', ['lint', 'score', 'new.cdx.json', '--profile', 'ntia', '--json']],
  ['lint-why', ['lint', 'why', 'ms', 'new.cdx.json', '--json']],
  ['lint', ['lint', 'odd.cdx.json', '--rule', 'SB0007', '--json']],
  ['lint-rules', ['lint', 'rules', '--json']],
  ['lint-explain', ['lint', 'explain', 'SB0004', '--json']],
  ['lint-vectors', ['lint', 'vectors', '--suite', 'noise', '--json', 'vectors.json']],
]

describe('JSON output keeps every field of its recorded sample', () => {
  it.each(SAMPLES)('%s', async (name, args) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'vectors.json'), '{}')
    // One package without a version, which is a problem to be told.
    writeFileSync(join(cwd, 'requirements.txt'), 'flask\n')
    prepareInventories({ folder: cwd })
    const odd = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'a', purl: 'a' }],
    }
    writeFileSync(join(cwd, 'odd.cdx.json'), JSON.stringify(odd))
    await prepareSignedBoms(cwd)
    if (name.startsWith('mix-')) await prepareMixPackets({ folder: cwd, env: {} })
    const sample: unknown = JSON.parse(
      readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'),
    )
    const { stdout } = await aiv(args, { cwd })
    expect(broken(sample, JSON.parse(stdout))).toEqual([])
  })

  it('and the comparison sees a field that is gone or has another type', () => {
    expect(broken({ a: 1, b: [{ c: 'x' }] }, { a: '1', b: [{}], d: 1 })).toEqual([
      '$.a is string, was number',
      '$.b[0].c is missing',
    ])
  })
})
