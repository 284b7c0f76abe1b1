import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import {
  DEFAULT_POLICY_TEXT,
  drawCarrier,
  parsePolicy,
  withTicketVersion,
} from '../../../src/lib/htx/ticket/index.ts'

const policy = (carriers: string, head = 'v1', len = '24..64'): string =>
  `BN-Ticket: ${head}; carriers=${carriers}; len=${len}`

describe('a carrier policy', () => {
  it('is read as the specification prints it', () => {
    expect(parsePolicy('BN-Ticket: v1; carriers=cookie:0.5,query:0.3,body:0.2; len=24..64')).toEqual({
      version: 1,
      carriers: [
        { carrier: 'cookie', probability: 0.5 },
        { carrier: 'query', probability: 0.3 },
        { carrier: 'body', probability: 0.2 },
      ],
    })
    expect(parsePolicy(policy('cookie:1', 'v2')).version).toBe(2)
  })

  it.each([
    ['sums that rounding leaves a millionth short', 'cookie:0.333333,query:0.333333,body:0.333333'],
    ['one carrier', 'body:1.0'],
    ['a carrier that is never drawn', 'cookie:1,query:0'],
  ])('may have %s', (_, carriers) => {
    expect(parsePolicy(policy(carriers)).carriers.length).toBe(carriers.split(',').length)
  })

  it.each([
    ['an unknown carrier', policy('cookie:0.5,header:0.5')],
    ['a carrier twice', policy('cookie:0.5,cookie:0.5')],
    ['probabilities above 1', policy('cookie:0.5,query:0.6')],
    ['probabilities two millionths short of 1', policy('cookie:0.5,query:0.499998')],
    ['a probability that is no decimal', policy('cookie:5e-1,query:0.5')],
    ['a negative probability', policy('cookie:1.5,query:-0.5')],
    ['no carrier', policy('')],
    ['another length', policy('cookie:1', 'v1', '24..65')],
    ['another version', policy('cookie:1', 'v3')],
    ['words behind it', `${DEFAULT_POLICY_TEXT}; x=1`],
    ['a line before it', `\n${DEFAULT_POLICY_TEXT}`],
    ['the name alone', 'BN-Ticket'],
  ])('is unusable with %s', (_, text) => {
    expect(() => parsePolicy(text)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })

  it('keeps its carriers when it becomes version 2', () => {
    const small = policy('cookie:0.0000001,query:0.9999999')
    expect(withTicketVersion(small, 2)).toBe(policy('cookie:0.0000001,query:0.9999999', 'v2'))
    expect(parsePolicy(withTicketVersion(DEFAULT_POLICY_TEXT, 2)).version).toBe(2)
  })
})

/** Pearson's statistic of counts against probabilities. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce((sum, count, i) => {
    const expected = total * (probabilities[i] as number)
    return sum + (count - expected) ** 2 / expected
  }, 0)
}

/** Upper 0.1 % point of chi-square with 2 degrees of freedom: -2 ln 0.001. */
const CRITICAL = 13.8155

describe('10,000 attempts draw their carrier', () => {
  const names = ['cookie', 'query', 'body'] as const
  const draw = (text: string): number[] => {
    const counts = new Map<string, number>()
    const random = new SeededRandom(5)
    const parsed = parsePolicy(text)
    for (let i = 0; i < 10_000; i++) {
      const carrier = drawCarrier(parsed, random)
      counts.set(carrier, (counts.get(carrier) ?? 0) + 1)
    }
    return names.map((name) => counts.get(name) ?? 0)
  }

  it.each([
    ['0.5, 0.3, 0.2', [0.5, 0.3, 0.2]],
    ['0.1, 0.1, 0.8', [0.1, 0.1, 0.8]],
    ['0.333333, 0.333333, 0.333334', [0.333333, 0.333333, 0.333334]],
  ])('by probabilities of %s', (_, probabilities) => {
    const text = policy(names.map((name, i) => `${name}:${probabilities[i]}`).join(','))
    expect(chiSquare(draw(text), probabilities)).toBeLessThan(CRITICAL)
  })

  it('and a policy that is off by three hundredths would be seen', () => {
    const counts = draw(policy('cookie:0.53,query:0.27,body:0.2'))
    expect(chiSquare(counts, [0.5, 0.3, 0.2])).toBeGreaterThan(CRITICAL)
  })

  it('and never one of probability 0', () => {
    expect(draw(policy('cookie:0,query:1,body:0'))).toEqual([0, 10_000, 0])
  })
})
