import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, temporaryFolder } from '../support/aiv.ts'
import { conformancePath } from '../support/conformance.ts'

describe('aiv lint vectors', () => {
  const noise = conformancePath('htx', 'noise', 'cacophony.25519_ChaChaPoly_SHA256+BLAKE2s.json')

  it.skipIf(noise === undefined)('replays published Noise vectors and exits with 0', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'noise', '--json', noise as string])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ v: 1, suite: 'noise', file: noise, failed: 0 }])
    expect((JSON.parse(stdout) as { passed: number }[])[0]?.passed).toBeGreaterThan(0)
  })

  const varint = conformancePath('htx', 'varint.json')

  it.skipIf(varint === undefined)('replays the HTX vectors and exits with 0', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'htx', varint as string])
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: [1-9]\d* passed, 0 failed/),
    })
  })

  const published = conformancePath('utls', 'ja4-foxio', 'expected.json')

  it.skipIf(published === undefined)('says which JA4 values it judges by the document', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'ja4', published as string])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /: [1-9]\d* passed, 0 failed, 0 skipped\n( {2}note {4}tls-non-ascii-alpn\.pcapng .*\n){4}$/,
    )
  })

  const hello = conformancePath('utls', 'firefox', 'firefox-esr-153.7.0-clienthello-1.bin')

  it.skipIf(hello === undefined)('replays a captured hello, which is no text', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'clienthello', hello as string])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${hello}: 3 passed, 0 failed, 0 skipped\n` })
  })

  it('exits with 1 on a file without vectors, and says why', async () => {
    const path = join(temporaryFolder(), 'vectors')
    writeFileSync(path, '{}')
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'noise', path])
    expect(code).toBe(1)
    expect(stdout).toMatch(/: 0 passed, 1 failed, 0 skipped\n {2}FAILED {2}\S/)
  })

  it('exits with 2 on a file that cannot be read', async () => {
    expect(await aiv(['lint', 'vectors', '--suite', 'noise', '/nonexistent'])).toMatchObject({
      code: 2,
      stdout: '',
    })
  })
})
