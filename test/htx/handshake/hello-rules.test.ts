import { describe, expect, it } from 'vitest'
import {
  type HelloContext,
  type LinkName,
  parseHello,
  type Suite,
  suiteOf,
} from '../../../src/lib/htx/handshake/index.ts'
import {
  bytes,
  ID,
  ID_CERT,
  mandatory,
  type Parameter,
  payload,
  TIME,
  VERSIONS,
  varint,
  withParameters,
} from './parameters.ts'
import { ALL_SUITES } from './sides.ts'

const LINKS: readonly LinkName[] = ['tcp', 'ws', 'quic', 'https', 'memory']
const XK = suiteOf(1) as Suite
const FIRST: HelloContext = { message: 1, suite: XK, link: 'tcp' }
const SECOND: HelloContext = { message: 2, suite: XK, link: 'tcp' }
const THIRD: HelloContext = { message: 3, suite: XK, link: 'tcp' }

/** A good value for every parameter of the table. */
const GOOD: readonly Parameter[] = [
  VERSIONS,
  [ID.FEATURES, bytes(0, 0, 0, 15)],
  [ID.MAX_FRAME, varint(65_535)],
  [ID.STREAM_WINDOW, varint(262_144)],
  [ID.SESSION_WINDOW, varint(1_048_576)],
  [ID.MAX_STREAMS, varint(256)],
  [ID.IDLE_TIMEOUT, varint(300_000)],
  [ID.PAD, new Uint8Array(9)],
  [ID.ACCESS_TICKET, new Uint8Array(129)],
  ID_CERT,
  TIME,
]

/** The column "messages" of the table in section 3.4, read literally. */
function isInTable(id: number, message: 1 | 2 | 3, pattern: Suite['pattern'], link: LinkName): boolean {
  if (id === ID.PAD) return true
  if (id === ID.ACCESS_TICKET) return message === 1 && pattern === 'XK' && link !== 'https'
  if (id === ID.ID_CERT) return message >= 2 && pattern !== 'NN'
  if (id === ID.TIME) return message === 1
  return message <= 2
}

const refused = expect.objectContaining({ code: 'E_MALFORMED' })

function firstWith(...parameters: readonly Parameter[]): Uint8Array {
  return payload(...withParameters(mandatory(1, 'XK'), ...parameters))
}

const places = ALL_SUITES.flatMap((id) =>
  LINKS.flatMap((link) =>
    ([1, 2, 3] as const)
      .filter((message) => message <= (suiteOf(id) as Suite).messages)
      .map((message) => ({ id, link, message })),
  ),
)

describe.each(places)('HELLO of message $message, suite $id, link $link', ({ id, link, message }) => {
  const context: HelloContext = { message, suite: suiteOf(id) as Suite, link }
  const { pattern } = context.suite
  const needed = mandatory(message, pattern)

  it('is content with what is mandatory', () => {
    expect(() => parseHello(payload(...needed), context)).not.toThrow()
  })

  it('is refused when a mandatory parameter is missing', () => {
    for (const missing of needed) {
      const rest = needed.filter((one) => one !== missing)
      expect(() => parseHello(payload(...rest), context), `without ${missing[0]}`).toThrow(refused)
    }
  })

  it('takes the parameters of the table and no others', () => {
    for (const parameter of GOOD) {
      const parse = (): unknown => parseHello(payload(...withParameters(needed, parameter)), context)
      if (isInTable(Number(parameter[0]), message, pattern, link)) expect(parse).not.toThrow()
      else expect(parse, `with ${parameter[0]}`).toThrow(refused)
    }
  })

  it('takes ERROR in message 2, and then alone', () => {
    const error: Parameter = [ID.ERROR, bytes(0, 1)]
    if (message === 2) expect(parseHello(payload(error), context).error).toBe(1)
    else expect(() => parseHello(payload(error), context)).toThrow(refused)
    expect(() => parseHello(payload(...needed, error), context)).toThrow(
      message === 2 && needed.length === 0 ? undefined : refused,
    )
  })
})

describe('parameter ids', () => {
  it('ascend strictly', () => {
    expect(() => parseHello(payload(TIME, VERSIONS), FIRST)).toThrow(refused)
    expect(() => parseHello(payload(VERSIONS, VERSIONS, TIME), FIRST)).toThrow(refused)
    expect(() => parseHello(payload(VERSIONS, TIME, TIME), FIRST)).toThrow(refused)
    expect(() => parseHello(payload(VERSIONS, TIME, [0x40, bytes()], [0x3e, bytes()]), FIRST)).toThrow(
      refused,
    )
    expect(() => parseHello(payload(VERSIONS, TIME, [0x40, bytes()], [0x40, bytes()]), FIRST)).toThrow(
      refused,
    )
  })

  const UNKNOWN = [0x18, 0x1a, 0x40, 0x4000, 2 ** 32, 2n ** 53n, 2n ** 62n - 2n]

  it.each([0x12, ...UNKNOWN])('that are even and unknown are ignored: %s', (id) => {
    const hello = parseHello(firstWith([id, bytes(1, 2, 3)]), FIRST)
    expect(hello.unsupported).toBeUndefined()
    expect(hello.versions).toEqual([0x0101])
  })

  it.each(UNKNOWN.map((id) => (typeof id === 'bigint' ? id + 1n : id + 1)))(
    'that are odd and unknown are reported: %s',
    (id) => {
      expect(parseHello(firstWith([id, bytes(1)]), FIRST).unsupported).toBeDefined()
      expect(parseHello(payload(VERSIONS, ID_CERT, [id, bytes()]), SECOND).unsupported).toBeDefined()
      expect(parseHello(payload(ID_CERT, [id, bytes()]), THIRD).unsupported).toBeDefined()
    },
  )

  it('that are reserved for nothing below the known ones are treated by their parity', () => {
    expect(parseHello(firstWith([0x00, bytes()]), FIRST).unsupported).toBeUndefined()
    expect(parseHello(firstWith([0x03, bytes()]), FIRST).unsupported).toBe(3n)
  })

  it('and lengths are in their shortest form', () => {
    expect(() => parseHello(bytes(0x40, 0x01, 2, 1, 1, ...payload(TIME)), FIRST)).toThrow(refused)
    expect(() => parseHello(bytes(0x01, 0x40, 2, 1, 1, ...payload(TIME)), FIRST)).toThrow(refused)
  })

  it('are followed by the whole value', () => {
    const whole = firstWith([ID.PAD, new Uint8Array(100)])
    // Cut behind a parameter, what is left may be a whole HELLO without TIME; that is refused as well.
    for (let length = 0; length < whole.length; length++)
      expect(() => parseHello(whole.subarray(0, length), FIRST), `${length} bytes`).toThrow(refused)
    expect(() => parseHello(firstWith([2n ** 62n - 2n, bytes()]).slice(0, -1), FIRST)).toThrow(refused)
  })
})

describe('the range of', () => {
  const MIB16 = 16_777_216
  const cases: readonly [string, number, readonly (number | bigint)[], readonly (number | bigint)[]][] = [
    ['MAX_FRAME', ID.MAX_FRAME, [16_384, 65_535, 1_048_576], [0, 16_383, 1_048_577, 2n ** 62n - 1n]],
    ['STREAM_WINDOW', ID.STREAM_WINDOW, [0, 1, MIB16], [MIB16 + 1, 2n ** 53n]],
    ['SESSION_WINDOW', ID.SESSION_WINDOW, [65_535, 2 ** 40, 2n ** 53n, 2n ** 62n - 1n], [0, 65_534]],
    ['MAX_STREAMS', ID.MAX_STREAMS, [0, 1, 2 ** 32, 2n ** 62n - 1n], []],
    ['IDLE_TIMEOUT', ID.IDLE_TIMEOUT, [0, 1, 2 ** 32, 2n ** 62n - 1n], []],
  ]

  it.each(cases)('%s is that of section 3.4', (_name, id, inside, outside) => {
    for (const value of inside) {
      expect(() => parseHello(firstWith([id, varint(value)]), FIRST), `${value}`).not.toThrow()
    }
    for (const value of outside) {
      expect(() => parseHello(firstWith([id, varint(value)]), FIRST), `${value}`).toThrow(refused)
    }
    for (const value of [
      bytes(),
      bytes(0x40, 0x01),
      bytes(...varint(inside[0] as number), 0),
      bytes(0x80, 0),
    ])
      expect(() => parseHello(firstWith([id, value]), FIRST), `bytes ${value}`).toThrow(refused)
  })

  it('SESSION_WINDOW begins at the STREAM_WINDOW beside it', () => {
    const both = (stream: number, session: number): Uint8Array =>
      firstWith([ID.STREAM_WINDOW, varint(stream)], [ID.SESSION_WINDOW, varint(session)])
    expect(() => parseHello(both(300_000, 300_000), FIRST)).not.toThrow()
    expect(() => parseHello(both(300_000, 299_999), FIRST)).toThrow(refused)
    expect(() => parseHello(both(10, 10), FIRST)).not.toThrow()
  })

  it('fixed lengths is exact', () => {
    const exact: readonly [number, readonly number[], readonly number[]][] = [
      [ID.VERSIONS, [2, 4, 40], [0, 1, 3]],
      [ID.FEATURES, [4], [0, 3, 5]],
      [ID.ACCESS_TICKET, [129, 150, 169], [0, 128, 170]],
      [ID.TIME, [8], [0, 7, 9]],
    ]
    for (const [id, good, bad] of exact) {
      const parse = (length: number): unknown => parseHello(firstWith([id, new Uint8Array(length)]), FIRST)
      for (const length of good) expect(() => parse(length), `${id}: ${length}`).not.toThrow()
      for (const length of bad) expect(() => parse(length), `${id}: ${length}`).toThrow(refused)
    }
    for (const length of [0, 144, 146]) {
      const certificate: Parameter = [ID.ID_CERT, new Uint8Array(length)]
      expect(() => parseHello(payload(certificate), THIRD), `${length}`).toThrow(refused)
      expect(() => parseHello(payload(VERSIONS, certificate), SECOND), `${length}`).toThrow(refused)
    }
    for (const length of [0, 1, 3])
      expect(() => parseHello(payload([ID.ERROR, new Uint8Array(length)]), SECOND)).toThrow(refused)
  })

  it('VERSIONS of message 2 is exactly one', () => {
    expect(() => parseHello(payload([ID.VERSIONS, bytes(1, 1, 1, 2)], ID_CERT), SECOND)).toThrow(refused)
  })

  it('PAD is zeros, of any length', () => {
    for (const length of [0, 1, 255, 1023, 3000]) {
      const good = firstWith([ID.PAD, new Uint8Array(length)])
      expect(parseHello(good, FIRST).padLength).toBe(length)
      if (length === 0) continue
      for (const at of [0, length - 1]) {
        const pad = new Uint8Array(length)
        pad[at] = 1
        expect(() => parseHello(firstWith([ID.PAD, pad]), FIRST)).toThrow(refused)
        expect(() => parseHello(payload([ID.PAD, pad], ID_CERT), THIRD)).toThrow(refused)
        expect(() => parseHello(payload([ID.PAD, pad], [ID.ERROR, bytes(0, 1)]), SECOND)).toThrow(refused)
      }
    }
  })
})

describe('an absent parameter', () => {
  it('has the default of section 3.4', () => {
    const { features, parameters } = parseHello(payload(VERSIONS, TIME), FIRST)
    expect(features).toBe(0)
    expect(parameters).toEqual({
      maxFrame: 65_535,
      streamWindow: 65_535,
      sessionWindow: undefined,
      maxStreams: 256,
      idleTimeoutMs: 0,
    })
  })
})
