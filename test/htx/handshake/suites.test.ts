import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import {
  defaultPqPolicy,
  type PqPolicy,
  type Suite,
  type SuiteId,
  suiteAnswered,
  suiteOf,
  suiteToStart,
} from '../../../src/lib/htx/handshake/index.ts'
import { ALL_SUITES, bodyOf, Sides } from './sides.ts'

/** Section 3.1, and the sizes of section 3.3 without the payload. */
const TABLE: readonly [SuiteId, string, number][] = [
  [1, 'Noise_XK_25519_ChaChaPoly_SHA256', 1 + 32 + 16],
  [2, 'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256', 1 + 32 + 1200 + 16],
  [3, 'Noise_NNpsk0_25519_ChaChaPoly_SHA256', 1 + 16 + 32 + 16],
  [4, 'Noise_NNhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256', 1 + 16 + 32 + 1200 + 16],
  [5, 'Noise_XX_25519_ChaChaPoly_SHA256', 1 + 32],
  [6, 'Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256', 1 + 32 + 1184],
]

describe('the suites', () => {
  it.each(TABLE)('%i is %s, whose message 1 has at least %i bytes', (id, protocol, least) => {
    const suite = suiteOf(id) as Suite
    expect(suite.protocol).toBe(protocol)
    const { responder } = new Sides({ suite: id })
    const body = new Uint8Array(least)
    body[0] = id
    expect(responder.inspect(body)).toBeDefined()
    expect(responder.inspect(body.subarray(1))).toBeUndefined()
    expect(responder.inspect(body.subarray(0, -1))).toBeUndefined()
    const largest = new Uint8Array(4097)
    largest[0] = id
    expect(responder.inspect(largest.subarray(0, 4096))).toBeDefined()
    expect(responder.inspect(largest)).toBeUndefined()
  })

  it('are no others', () => {
    const { responder } = new Sides({ suite: 1 })
    for (let id = 0; id < 256; id++) {
      const body = new Uint8Array(2000)
      body[0] = id
      expect(responder.inspect(body) !== undefined, `${id}`).toBe(id >= 1 && id <= 6)
    }
    expect(responder.inspect(new Uint8Array(0))).toBeUndefined()
  })
})

/** Section 3.4, "No downgrade". */
const ANSWERED: Readonly<Record<PqPolicy, readonly SuiteId[]>> = {
  require: [2, 4, 6],
  prefer: [1, 2, 3, 4, 5, 6],
  off: [1, 3, 5],
}
const POLICIES: readonly PqPolicy[] = ['require', 'prefer', 'off']

describe.each(POLICIES)('the policy %s', (pq) => {
  it('answers exactly its suites at first contact', () => {
    for (const id of ALL_SUITES)
      expect(suiteAnswered(suiteOf(id) as Suite, pq, true), `${id}`).toBe(ANSWERED[pq].includes(id))
  })

  it('answers suites 5 and 6 only where first contact is allowed', () => {
    for (const id of ALL_SUITES)
      expect(suiteAnswered(suiteOf(id) as Suite, pq, false), `${id}`).toBe(
        ANSWERED[pq].includes(id) && id !== 5 && id !== 6,
      )
  })

  it.each(ALL_SUITES)('lets a responder go on with suite %i, or not', (suite) => {
    const sides = new Sides({ suite, responder: { pq } })
    expect(sides.accepts(bodyOf(sides.initiator.start()))).toBe(ANSWERED[pq].includes(suite))
  })

  it('starts 2, 4 or 6, and 1, 3 or 5 only when hybrid is off', () => {
    const started = (['XK', 'NN', 'XX'] as const).map((pattern) => suiteToStart(pq, pattern))
    expect(started).toEqual(pq === 'off' ? [1, 3, 5] : [2, 4, 6])
  })
})

describe('the default policy', () => {
  const NEW_YEAR = Date.parse('2027-01-01T00:00:00Z')

  it('turns from prefer to require when 2027 begins, by the clock that it is given', () => {
    const clock = new ManualClock(NEW_YEAR - 1)
    expect(defaultPqPolicy(clock.wallMs())).toBe('prefer')
    clock.advance(1)
    expect(defaultPqPolicy(clock.wallMs())).toBe('require')
    clock.jumpWall(-1)
    expect(defaultPqPolicy(clock.wallMs())).toBe('prefer')
    expect(defaultPqPolicy(Date.parse('2031-06-01T00:00:00Z'))).toBe('require')
  })
})
