import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SuiteResult } from '../../../src/lib/core/index.ts'
import { tls13Suite } from '../../../src/lib/tls/vectors/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const folder = conformancePath('utls')

async function judged(name: string, change: (text: string) => string = (text) => text): Promise<SuiteResult> {
  return await tls13Suite.run({ path: name, content: change(readFileSync(`${folder}/${name}`, 'utf8')) })
}

describe.runIf(folder !== undefined)('the suite tls13', () => {
  it('derives every secret of RFC 8448 section 3, and both Finished', async () => {
    expect(await judged('rfc8448-section3.json')).toMatchObject({ passed: 9, failed: 0, skipped: 0 })
  })

  it.each([
    ['the key agreement', '"ecdhe": "8b', '"ecdhe": "8c', 7],
    ['a published secret', '"exporter": "fe', '"exporter": "ff', 1],
    ['a published Finished', '14000020a8ec', '14000020a8ed', 1],
  ])('fails when %s is changed', async (_what, from, to, failed) => {
    const result = await judged('rfc8448-section3.json', (text) => text.replace(from, to))
    expect(result.failed).toBe(failed)
  })

  it.each([
    ['aes_gcm_test.json', 133, 183],
    ['chacha20_poly1305_test.json', 316, 9],
    ['hkdf_sha256_test.json', 86, 0],
    ['mlkem_768_test.json', 40, 0],
    ['x25519_test.json', 518, 0],
  ])('answers %s of Wycheproof: %i hold, %i are of what TLS 1.3 has not', async (name, passed, skipped) => {
    expect(await judged(`wycheproof/${name}`)).toMatchObject({ passed, failed: 0, skipped })
  })

  it('takes what is valid for refused, and what is refused for valid, as failures', async () => {
    const swapped = (text: string): string =>
      text.replaceAll('"valid"', '"was"').replaceAll('"invalid"', '"valid"').replaceAll('"was"', '"invalid"')
    for (const name of ['aes_gcm_test.json', 'hkdf_sha256_test.json', 'mlkem_768_test.json']) {
      const { passed, failed } = await judged(`wycheproof/${name}`, swapped)
      expect([passed, failed > 0]).toEqual([0, true])
    }
  })

  it('says why a file cannot be judged', async () => {
    const run = async (content: string): Promise<SuiteResult> => await tls13Suite.run({ path: 'x', content })
    expect(await run('{')).toMatchObject({ passed: 0, failed: 1 })
    expect(await run('{}')).toMatchObject({
      failures: [{ reason: expect.stringContaining('neither a trace') }],
    })
    expect(await run('{"algorithm":"RSASSA-PSS","testGroups":[]}')).toMatchObject({ passed: 0, skipped: 1 })
    expect(await run('{"messages":{},"secrets":{}}')).toMatchObject({
      failures: [{ reason: 'the trace has no client_hello' }],
    })
  })
})
