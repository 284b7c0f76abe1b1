import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type AivResult, aiv, temporaryFolder } from '../../support/aiv.ts'
import { judge } from '../../support/judge.ts'
import { prepareSignedBoms, SIGNED_SPDX } from '../../support/signed-boms.ts'

let cwd: string
let alice: string

beforeEach(async () => {
  cwd = temporaryFolder()
  alice = (await prepareSignedBoms(cwd)).peer
})

async function verify(...args: readonly string[]): Promise<AivResult> {
  return await aiv(['lint', 'sbom', 'verify', ...args], { cwd })
}

function editFile(name: string, from: string, to: string): void {
  const path = join(cwd, name)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

describe('aiv lint sbom verify', () => {
  it.each(['bom.cdx.json', 'bom.spdx.json', 'bom.spdx.json.dsse.json'])(
    'ends with 0 for %s when the key is one that is named',
    async (file) => {
      const { code, stdout } = await verify(file, '--key', alice)
      expect(stdout).toBe(`${file}: good, key of ${alice}\n`)
      expect(code).toBe(0)
    },
  )

  it('takes an identity file, an export, a JSON Web Key and a PEM of OpenSSL for a key', async () => {
    const { stdout } = await aiv(['key', 'export', 'alice.json'], { cwd })
    writeFileSync(join(cwd, 'export.json'), stdout)
    const { sign_public: hex } = JSON.parse(stdout) as { readonly sign_public: string }
    const x = Buffer.from(hex, 'hex').toString('base64url')
    writeFileSync(join(cwd, 'key.jwk'), JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }))
    const files = ['alice.json', 'export.json', 'key.jwk']
    const openssl = judge('openssl')
    if (openssl !== undefined) {
      const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(hex, 'hex')])
      const pem = execFileSync(openssl, ['pkey', '-pubin', '-inform', 'DER', '-pubout'], { input: der })
      writeFileSync(join(cwd, 'key.pem'), pem)
      files.push('key.pem')
    }
    for (const file of files) expect((await verify('bom.cdx.json', '--key', file)).code, file).toBe(0)
  })

  it('ends with 1 without a named key, and says by whom it is and what to do', async () => {
    const { code, stdout } = await verify('bom.cdx.json')
    expect(code).toBe(1)
    expect(stdout).toContain(`NOT VERIFIED, key of ${alice}`)
    expect(stdout).toContain('--any-key')
    expect((await verify('bom.cdx.json', '--any-key')).code).toBe(0)
  })

  it('ends with 1 for another key, a changed document and a missing signature', async () => {
    const other = await verify('bom.cdx.json', '--key', 'mallory.json', '--json')
    expect(other.code).toBe(1)
    expect(JSON.parse(other.stdout)).toMatchObject({ v: 1, valid: true, trusted: false, signer: alice })
    editFile('bom.cdx.json', '"1.0.0"', '"1.0.1"')
    expect((await verify('bom.cdx.json', '--any-key')).code).toBe(1)
    editFile('bom.spdx.json', 'SPDX-2.3', 'SPDX-2.2')
    const { code, stdout } = await verify('bom.spdx.json', '--key', alice, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ signature: 'dsse', valid: false })
    const unsigned = await verify('unsigned.cdx.json', '--any-key', '--json')
    expect(unsigned.code).toBe(1)
    expect(JSON.parse(unsigned.stdout)).toMatchObject({ signature: 'none', valid: false })
  })

  it('prints the verified document, and nothing of one that is not verified', async () => {
    const good = await verify('bom.spdx.json.dsse.json', '--key', alice, '--print')
    expect(good).toMatchObject({ code: 0, stdout: SIGNED_SPDX })
    expect(good.stderr).toContain('good')
    const bad = await verify('bom.spdx.json.dsse.json', '--key', 'mallory.json', '--print')
    expect(bad).toMatchObject({ code: 1, stdout: '' })
  })

  it('reads stdin', async () => {
    const input = readFileSync(join(cwd, 'bom.cdx.json'))
    const { code } = await aiv(['lint', 'sbom', 'verify', '-', '--key', alice], { cwd, input })
    expect(code).toBe(0)
  })

  it('ends with 2 when a file cannot be read, is malformed, or is no key', async () => {
    writeFileSync(join(cwd, 'broken.json'), '{"bomFormat":')
    writeFileSync(join(cwd, 'none.txt'), 'no key')
    for (const args of [
      ['missing.json', '--any-key'],
      ['broken.json', '--any-key'],
      ['bom.cdx.json', '--key', 'none.txt'],
    ])
      expect((await verify(...args)).code, args.join(' ')).toBe(2)
    const seed = await verify(
      'bom.cdx.json',
      '--key',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    )
    expect(seed.code).toBe(2)
    expect(seed.stderr).toContain('never taken from the command line')
  })
})
