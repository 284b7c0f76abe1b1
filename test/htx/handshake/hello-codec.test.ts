import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, isAivError, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import {
  encodeHello,
  type Hello,
  type HelloContext,
  type LinkName,
  parseHello,
  type Suite,
  suiteOf,
} from '../../../src/lib/htx/handshake/index.ts'
import { ID, type Parameter, payload, varint } from './parameters.ts'
import { ALL_SUITES, HELLO } from './sides.ts'

const LINKS: readonly LinkName[] = ['tcp', 'ws', 'quic', 'https', 'memory']
/** More of them in a nightly run. */
const FUZZ_INPUTS = Number(process.env.AIV_FUZZ_INPUTS ?? 20_000)

const XK = suiteOf(1) as Suite

const parametersArbitrary = fc
  .record({
    maxFrame: fc.integer({ min: 16_384, max: 1_048_576 }),
    streamWindow: fc.integer({ min: 0, max: 16_777_216 }),
    extra: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
    maxStreams: fc.maxSafeNat(),
    idleTimeoutMs: fc.maxSafeNat(),
  })
  .map(({ extra, ...rest }) => ({
    ...rest,
    sessionWindow: extra === undefined ? undefined : rest.streamWindow + extra,
  }))

const bytesOf = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max })

const firstHello = fc.record({
  versions: fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 20 }),
  features: fc.integer({ min: 0, max: 0xffffffff }),
  parameters: parametersArbitrary,
  accessTicket: bytesOf(129, 169),
  timeSeconds: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  padLength: fc.integer({ min: 0, max: 1023 }),
})

describe('HELLO', () => {
  it('is written as section 3.4 says, byte for byte', () => {
    const written = encodeHello({ ...HELLO, timeSeconds: 1_795_564_800n, padLength: 2 })
    expect(toHex(written)).toBe(
      [
        '01020101',
        '02040000000f',
        '04048000ffff',
        '060480040000',
        '080480100000',
        '0a024100',
        '0c04800493e0',
        '10020000',
        '1508000000006b062500',
      ].join(''),
    )
    expect(toHex(encodeHello({ error: 0x000a }))).toBe('1702000a')
  })

  it('of message 1 comes back as it was written', () => {
    fc.assert(
      fc.property(firstHello, (hello) => {
        const parsed = parseHello(encodeHello(hello), { message: 1, suite: XK, link: 'tcp' })
        expect(parsed).toEqual({ ...hello, certificate: undefined, error: undefined, unsupported: undefined })
      }),
    )
  })

  it('of messages 2 and 3 comes back as it was written', () => {
    fc.assert(
      fc.property(firstHello, bytesOf(145, 145), (given, certificate) => {
        const { features, parameters, padLength, versions } = given
        const second: Hello = { versions: versions.slice(0, 1), features, parameters, padLength, certificate }
        const parsed = parseHello(encodeHello(second), { message: 2, suite: XK, link: 'tcp' })
        expect(parsed).toMatchObject(second)
        const third = parseHello(encodeHello({ certificate, padLength }), {
          message: 3,
          suite: XK,
          link: 'tcp',
        })
        expect(third).toMatchObject({ certificate, padLength })
      }),
    )
  })
})

/** A list of parameters, each good or bad in a known way, and what section 3.4 makes of the whole. */
interface Drawn {
  readonly context: HelloContext
  readonly bytes: Uint8Array
  readonly good: boolean
  readonly unsupported: boolean
}

const KNOWN: readonly number[] = Object.values(ID).filter((id) => id !== ID.ERROR)

function drawHello(random: SeededRandom): Drawn {
  const suite = suiteOf(ALL_SUITES[random.below(6)] as number) as Suite
  const message = (1 + random.below(suite.messages)) as 1 | 2 | 3
  const link = LINKS[random.below(5)] as LinkName
  const parameters: Parameter[] = []
  let good = true
  let unsupported = false
  for (const id of [...KNOWN, 0x12, 0x19, 0x4000].sort((a, b) => a - b)) {
    const usual = isUsual(id, message, suite)
    if (random.chance(0.04) ? usual : !usual) continue
    const isBad = random.chance(0.02)
    const value = drawValue(id, isBad, random)
    if (isBad && KNOWN.includes(id)) good = false
    if (id === 0x19) unsupported = true
    parameters.push([id, value])
  }
  const ids = new Set(parameters.map(([id]) => id))
  const needs = message === 1 ? [ID.VERSIONS, ID.TIME] : message === 2 ? [ID.VERSIONS] : []
  const certificate = message !== 1 && suite.pattern !== 'NN'
  if ([...needs, ...(certificate ? [ID.ID_CERT] : [])].some((id) => !ids.has(id))) good = false
  if (ids.has(ID.ID_CERT) && !certificate) good = false
  if (ids.has(ID.TIME) && message !== 1) good = false
  if (ids.has(ID.ACCESS_TICKET) && (message !== 1 || suite.pattern !== 'XK' || link === 'https')) good = false
  if (message === 3 && [...ids].some((id) => Number(id) <= ID.IDLE_TIMEOUT)) good = false
  if (parameters.length > 1 && random.chance(0.03)) {
    const at = random.below(parameters.length - 1)
    const [a, b] = [parameters[at] as Parameter, parameters[at + 1] as Parameter]
    parameters.splice(at, 2, b, a)
    good = false
  }
  return { context: { suite, message, link }, bytes: payload(...parameters), good, unsupported }
}

function isUsual(id: number, message: 1 | 2 | 3, { pattern }: Suite): boolean {
  if (id === ID.ID_CERT) return message !== 1 && pattern !== 'NN'
  if (id === ID.TIME) return message === 1
  if (id === ID.PAD) return true
  return id <= ID.IDLE_TIMEOUT && message !== 3
}

function drawValue(id: number, isBad: boolean, random: SeededRandom): Uint8Array {
  const trailing = (value: Uint8Array): Uint8Array => (isBad ? concat(value, Uint8Array.of(1)) : value)
  switch (id) {
    case ID.VERSIONS:
      return isBad ? new Uint8Array(random.below(2)) : fromHex('0101')
    case ID.FEATURES:
      return isBad ? random.bytes(3) : random.bytes(4)
    case ID.MAX_FRAME:
      return varint(isBad ? (random.chance(0.5) ? 16_383 : 1_048_577) : 16_384 + random.below(9999))
    case ID.STREAM_WINDOW:
      return varint(isBad ? 16_777_217 + random.below(9) : random.below(60_000))
    case ID.SESSION_WINDOW:
      return trailing(varint(70_000 + random.below(9999)))
    case ID.MAX_STREAMS:
    case ID.IDLE_TIMEOUT:
      return trailing(varint(random.below(2 ** 31)))
    case ID.PAD:
      return trailing(new Uint8Array(random.below(300)))
    case ID.ACCESS_TICKET:
      return random.bytes(isBad ? 128 + 42 * random.below(2) : 129 + random.below(41))
    case ID.ID_CERT:
      return random.bytes(isBad ? 144 + 2 * random.below(2) : 145)
    case ID.TIME:
      return random.bytes(isBad ? 7 + 2 * random.below(2) : 8)
    default:
      return random.bytes(random.below(20))
  }
}

describe('a HELLO of hostile making', () => {
  it('is accepted exactly when the rules of section 3.4 say so', () => {
    const random = new SeededRandom(34)
    let accepted = 0
    for (let round = 0; round < FUZZ_INPUTS; round++) {
      const drawn = drawHello(random)
      let parsed: ReturnType<typeof parseHello> | undefined
      try {
        parsed = parseHello(drawn.bytes, drawn.context)
      } catch (error) {
        if (!isAivError(error, 'E_MALFORMED')) throw error
      }
      const what = `round ${round}: ${toHex(drawn.bytes)} in message ${drawn.context.message}`
      expect(parsed !== undefined, what).toBe(drawn.good)
      if (parsed === undefined) continue
      accepted++
      expect(parsed.unsupported !== undefined, what).toBe(drawn.unsupported)
    }
    // Both outcomes are common, or the comparison would say little.
    expect(accepted).toBeGreaterThan(FUZZ_INPUTS / 5)
    expect(accepted).toBeLessThan((FUZZ_INPUTS * 4) / 5)
  })

  it('never ends in anything but a HELLO or a typed error', () => {
    const random = new SeededRandom(35)
    const base = encodeHello({ ...HELLO, timeSeconds: 1n, padLength: 40, accessTicket: new Uint8Array(140) })
    for (let round = 0; round < FUZZ_INPUTS; round++) {
      const bytes = random.chance(0.5) ? random.bytes(random.below(200)) : base.slice()
      for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--)
        bytes[random.below(bytes.length)] = random.below(256)
      const context: HelloContext = {
        message: (1 + random.below(3)) as 1 | 2 | 3,
        suite: suiteOf(1 + random.below(6)) as Suite,
        link: LINKS[random.below(5)] as LinkName,
      }
      try {
        const { versions, parameters } = parseHello(bytes, context)
        expect(versions.length).toBeLessThanOrEqual(bytes.length)
        expect(parameters.maxFrame).toBeLessThanOrEqual(1_048_576)
        expect(Number.isSafeInteger(parameters.maxStreams)).toBe(true)
      } catch (error) {
        if (!isAivError(error, 'E_MALFORMED')) throw error
      }
    }
  })
})
