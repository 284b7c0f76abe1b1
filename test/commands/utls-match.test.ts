import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv } from '../support/aiv.ts'
import { conformancePath } from '../support/conformance.ts'

const folder = conformancePath('utls')

function json({ stdout }: AivResult): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe.runIf(folder !== undefined)('aiv utls match', () => {
  it('prints one JSON line for each hello of a client, with the same fields for each verdict', async () => {
    const [real] = json(
      await aiv(['utls', 'match', `${folder}/chromium-156.0.8078.79-clienthello-1.bin`, '--json']),
    )
    expect(real).toEqual({
      v: 1,
      transport: 'tcp',
      sni: 'example.test',
      ja4: 't13d1517h2_8daaf6152771_cb7bf5808d99',
      verdict: 'match',
      browser: 'chrome',
      versions: { first: 154, last: 156 },
      trial: null,
      templates: ['chrome-154'],
      deciding: expect.arrayContaining([
        {
          field: 'trust_anchors',
          found: 'sorted',
          expected: 'in another order than sorted',
          excludes: 'chrome-152',
        },
      ]),
      nearest: null,
      tells: [],
    })
    const input = readFileSync(`${folder}/other-clients/impit142-1.c2s.bin`)
    const [imitation] = json(await aiv(['utls', 'match', '--json'], { input }))
    expect(Object.keys(imitation as object)).toEqual(Object.keys(real as object))
    expect(imitation).toMatchObject({ verdict: 'impostor', browser: 'chrome', nearest: 'chrome-133' })
    const [stranger] = json(await aiv(['utls', 'match', `${folder}/other-clients/ossl-1.c2s.bin`, '--json']))
    expect(Object.keys(stranger as object)).toEqual(Object.keys(real as object))
    expect(stranger).toMatchObject({ verdict: 'unknown', browser: null, versions: null, nearest: null })
  })

  it('reads captures from a pipe, and passes over what servers say', async () => {
    const input = readFileSync(`${folder}/ja4-foxio/pcap/browsers-x509.pcapng`)
    const result = await aiv(['utls', 'match', '-', '--json'], { input })
    expect(result.code).toBe(0)
    expect(json(result).map(({ src, verdict, versions }) => [typeof src, verdict, versions])).toEqual(
      Array.from({ length: 3 }, () => ['string', 'match', { first: 110, last: 118 }]),
    )
  })

  it('tells people what decided and what gave an imitation away', async () => {
    const real = await aiv(['utls', 'match', `${folder}/chromium-156.0.8078.79-clienthello-1.bin`])
    expect(real.stdout).toMatch(
      /^from +name +match\n- +example\.test +chrome 154-156\n {2}not 152-153, by trust_anchors/,
    )
    const imitation = await aiv(['utls', 'match', `${folder}/other-clients/impit151-1.c2s.bin`])
    expect(imitation.stdout).toMatch(/IMPOSTOR of chrome 133-149\n {2}extensions: 0 of GREASE instead of 2/)
    const firefox = await aiv(['utls', 'match', `${folder}/firefox/firefox-esr-153.7.0-clienthello-2.bin`])
    expect(firefox.stdout).toContain('firefox 153\n')
  })

  it('knows what aiv utls hello wrote', async () => {
    const written = await aiv(['utls', 'hello', '--chrome', '131', '--sni', 'example.com', '--json'])
    const [{ record }] = json(written) as unknown as [{ readonly record: string }]
    const [match] = json(await aiv(['utls', 'match', '--json'], { input: record }))
    expect(match).toMatchObject({ verdict: 'match', versions: { first: 131, last: 132 } })
  })

  it('ends with exit code 2 where there is no hello', async () => {
    const { code, stderr } = await aiv(['utls', 'match', '-'], { input: 'GET / HTTP/1.1\r\n\r\n' })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: .*no hello/)])
  })
})
