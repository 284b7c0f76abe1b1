import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { formatSample, parseSamples } from '../../../../src/lib/mix/delay/audit/sample.ts'

const TAU = 'ab'.repeat(32)

describe('samples of a sender', () => {
  it('come back from their lines as they were', () => {
    const samples = [
      { tau: new Uint8Array(32).fill(1), commandMs: 4, elsewhereUs: 90_500.5, observedUs: 120_000.25 },
      { tau: new Uint8Array(32).fill(2), commandMs: 0, elsewhereUs: 0 },
    ]
    expect(parseSamples(utf8(`${samples.map(formatSample).join('\n')}\n\n`))).toEqual(samples)
  })

  it('need a tau only', () => {
    expect(parseSamples(utf8(`{"tau":"${TAU}"}`))).toEqual([
      { tau: new Uint8Array(32).fill(0xab), commandMs: 0, elsewhereUs: 0 },
    ])
  })

  it.each([
    'no json',
    'null',
    '[]',
    '{}',
    '{"__proto__":{"tau":"00"}}',
    '{"tau":"abcd"}',
    `{"tau":"${TAU}","command_ms":-1}`,
    `{"tau":"${TAU}","command_ms":"4"}`,
    `{"tau":"${TAU}","observed_us":1e300}`,
    `{"tau":"${TAU}","elsewhere_us":-0.5}`,
    `{"tau":"${TAU}"}\n{"tau":"${TAU.toUpperCase()}"}`,
  ])('are refused when they are %s', (text) => {
    expect(() => parseSamples(utf8(text))).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})
