import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { formatLoop, parseLoops } from '../../../../src/lib/mix/delay/audit/loop-sample.ts'

const [NODE, TAU, OTHER] = ['0a', 'ab', 'cd'].map((byte) => byte.repeat(32))
const HOP = `{"node":"${NODE}","tau":"${TAU}"}`

describe('loops of a sender', () => {
  it('come back from their lines as they were', () => {
    const hop = (fill: number) => ({
      node: new Uint8Array(32).fill(9),
      tau: new Uint8Array(32).fill(fill),
      commandMs: fill,
    })
    const loops = [
      { hops: [hop(1), hop(2), hop(3)], linksUs: 90_500.5, observedUs: 120_000.25 },
      { hops: [hop(4)], linksUs: 0 },
    ]
    expect(parseLoops(utf8(`${loops.map(formatLoop).join('\n')}\n\n`))).toEqual(loops)
  })

  it('need their hops only', () => {
    expect(parseLoops(utf8(`{"hops":[${HOP}]}`))).toEqual([
      {
        hops: [{ node: new Uint8Array(32).fill(10), tau: new Uint8Array(32).fill(0xab), commandMs: 0 }],
        linksUs: 0,
      },
    ])
  })

  it.each([
    'no json',
    'null',
    '[]',
    '{}',
    '{"hops":[]}',
    '{"hops":[null]}',
    '{"hops":[[]]}',
    `{"hops":${HOP}}`,
    '{"__proto__":{"hops":[]}}',
    `{"hops":[{"node":"${NODE}","tau":"abcd"}]}`,
    `{"hops":[{"node":"0a","tau":"${TAU}"}]}`,
    `{"hops":[{"node":"${NODE}","tau":"${TAU}","command_ms":-1}]}`,
    `{"hops":[{"node":"${NODE}","tau":"${TAU}","command_ms":"4"}]}`,
    `{"hops":[${HOP}],"observed_us":1e300}`,
    `{"hops":[${HOP}],"links_us":-0.5}`,
    `{"hops":[${HOP},${HOP}]}`,
    `{"hops":[${HOP}]}\n{"hops":[{"node":"${NODE}","tau":"${OTHER}"},${HOP.replace(TAU as string, (TAU as string).toUpperCase())}]}`,
    `{"hops":[${Array(33).fill(HOP).join(',')}]}`,
  ])('are refused when they are %s', (text) => {
    expect(() => parseLoops(utf8(text))).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})
