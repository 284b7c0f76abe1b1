import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, SeededRandom } from '../../../src/lib/core/index.ts'
import { encodeClientHello, ja3, ja3n, ja4, parseClientHello } from '../../../src/lib/tls/index.ts'
import { capturedHellos } from './captured.ts'

const captured = capturedHellos()

describe.runIf(captured.length > 0)('a captured hello', () => {
  it('is encoded to the bytes that it was read from', () => {
    const different = captured.filter(({ body }) => {
      const again = encodeClientHello(parseClientHello(body))
      return Buffer.compare(again, body) !== 0
    })
    expect(captured.length).toBeGreaterThan(30)
    expect(different.map(({ name }) => name)).toEqual([])
  })

  it('is malformed when it is cut anywhere but before its extensions', () => {
    const { body } = captured[0] as (typeof captured)[number]
    const extensionsAt =
      body.length -
      2 -
      (parseClientHello(body).extensions ?? []).reduce((sum, { body: { length } }) => sum + 4 + length, 0)
    for (let end = 0; end < body.length; end++) {
      const cut = body.subarray(0, end)
      if (end === extensionsAt) expect(parseClientHello(cut).extensions).toBeUndefined()
      else expect(() => parseClientHello(cut)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
    }
  })

  it('with any bytes changed is read or refused, and can be named when it is read', () => {
    const random = new SeededRandom(4)
    let read = 0
    for (let i = 0; i < 20_000; i++) {
      const { body } = captured[i % captured.length] as (typeof captured)[number]
      const changed = body.slice()
      for (const at of random.bytes(1 + (i % 4)))
        changed[(at * 7 + i) % Math.min(changed.length, 600)] = random.bytes(1)[0] as number
      try {
        const hello = parseClientHello(changed)
        expect(encodeClientHello(hello)).toEqual(changed)
        expect([ja3(hello).hash, ja3n(hello).hash, ja4(hello, 'tcp').ja4].map((text) => text.length)).toEqual(
          [32, 32, 36],
        )
        read++
      } catch (error) {
        if (!isAivError(error, 'E_MALFORMED')) throw error
      }
    }
    expect(read).toBeGreaterThan(1000)
    expect(read).toBeLessThan(20_000)
  })
})

describe('a hello', () => {
  const bytes = (most: number, least = 0): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: least, maxLength: most })
  const number = fc.integer({ min: 0, max: 0xffff })
  const hello = fc.record(
    {
      version: number,
      random: bytes(32, 32),
      sessionId: bytes(32),
      cipherSuites: fc.array(number, { maxLength: 200 }),
      compressionMethods: bytes(255),
      extensions: fc.array(fc.record({ type: number, body: bytes(100) }, { noNullPrototype: true }), {
        maxLength: 200,
      }),
    },
    { noNullPrototype: true },
  )

  it('of whatever parts is what it was after encoding and parsing', () => {
    fc.assert(
      fc.property(hello, (each) => {
        expect(parseClientHello(encodeClientHello(each))).toEqual(each)
      }),
    )
  })

  it('of DTLS has its cookie between session id and cipher suites', () => {
    fc.assert(
      fc.property(hello, bytes(255), (each, cookie) => {
        expect(parseClientHello(encodeClientHello({ ...each, cookie }), true)).toEqual({ ...each, cookie })
      }),
    )
  })

  it('may have ten thousand extensions', () => {
    const extensions = Array.from({ length: 10_000 }, (_, type) => ({ type, body: new Uint8Array(0) }))
    const many = {
      ...(fc.sample(hello, { numRuns: 1, seed: 1 })[0] as never as Parameters<typeof encodeClientHello>[0]),
      extensions,
    }
    expect(ja4(parseClientHello(encodeClientHello(many)), 'tcp').ja4.slice(6, 8)).toBe('99')
  })

  it.each([
    ['no bytes', 0],
    ['a session id of 33 bytes', 35],
  ])('with %s is malformed', (_what, length) => {
    const body = new Uint8Array(length + 100).fill(33)
    expect(() => parseClientHello(length === 0 ? new Uint8Array(0) : body)).toThrow(
      expect.objectContaining({ code: 'E_MALFORMED' }),
    )
  })
})
