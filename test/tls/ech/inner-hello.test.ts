import { describe, expect, it } from 'vitest'
import { concat, fromHex } from '../../../src/lib/core/index.ts'
import { decodeInnerHello, encodeInnerHello } from '../../../src/lib/tls/ech/inner-hello.ts'
import { type ClientHello, type Extension, encodeClientHello } from '../../../src/lib/tls/index.ts'
import { number, vector } from '../../support/ech-material.ts'

const ext = (type: number, body: Uint8Array | string = ''): Extension => ({
  type,
  body: typeof body === 'string' ? fromHex(body) : body,
})
const MARKER = ext(0xfe0d, '01')
const VERSIONS = ext(0x2b, '020304')
const OUTER_EXTENSIONS = [ext(1, 'aa'), ext(2, 'bb'), ext(0xfe0d, '00'), ext(3, 'cc'), ext(4, 'dd')]

function hello(extensions: readonly Extension[], sessionId = new Uint8Array(0)): ClientHello {
  return {
    version: 0x0303,
    random: new Uint8Array(32).fill(9),
    sessionId,
    cipherSuites: [0x1301],
    compressionMethods: Uint8Array.of(0),
    extensions,
  }
}

const OUTER = hello(OUTER_EXTENSIONS, new Uint8Array(32).fill(5))

function references(...types: readonly number[]): Extension {
  const list = concat(...types.map(number))
  return ext(0xfd00, concat(Uint8Array.of(list.length), list))
}

const decode = (extensions: readonly Extension[], padding = new Uint8Array(7)): ClientHello =>
  decodeInnerHello(concat(encodeClientHello(hello(extensions)), padding), OUTER)

const serverName = (name: string): Extension => {
  const bytes = new TextEncoder().encode(name)
  return ext(0, vector(concat(Uint8Array.of(0), vector(bytes))))
}

describe('an encoded inner hello', () => {
  it('gets its session id and what it refers to from the outer one', () => {
    expect(decode([VERSIONS, references(1, 3, 4), MARKER])).toEqual({
      ...hello([VERSIONS, ext(1, 'aa'), ext(3, 'cc'), ext(4, 'dd'), MARKER]),
      sessionId: OUTER.sessionId,
    })
  })

  it('need not refer to anything', () => {
    expect(decode([VERSIONS, MARKER], new Uint8Array(0)).extensions).toEqual([VERSIONS, MARKER])
  })

  it.each([
    ['a missing extension', [references(1, 7)]],
    ['another order', [references(3, 2)]],
    ['one twice', [references(1, 1)]],
    ['encrypted_client_hello', [references(1, 0xfe0d)]],
    ['nothing', [references()]],
    ['half a number', [ext(0xfd00, '03000102')]],
    ['one that it has itself', [ext(1), references(1)]],
    ['extensions two times', [references(1), references(2)]],
    ['bytes behind the list', [ext(0xfd00, '02000100')]],
  ])('is refused when it refers to %s', (_what, wrong) => {
    expect(() => decode([VERSIONS, ...wrong, MARKER])).toThrow(
      expect.objectContaining({ code: 'E_MALFORMED' }),
    )
  })

  it.each([
    ['without its mark', [VERSIONS]],
    ['with the mark of an outer one', [VERSIONS, ext(0xfe0d, '00')]],
    ['that offers TLS 1.2', [ext(0x2b, '0403040303'), MARKER]],
    ['that offers no TLS 1.3', [ext(0x2b, '020a0a'), MARKER]],
    ['without versions', [MARKER]],
    ['with an extension twice', [VERSIONS, MARKER, ext(9), ext(9)]],
  ])('is refused %s', (_what, extensions) => {
    expect(() => decode(extensions)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })

  it('is refused with a session id of its own, and with padding that says something', () => {
    const own = encodeClientHello(hello([VERSIONS, MARKER], new Uint8Array(1)))
    expect(() => decodeInnerHello(own, OUTER)).toThrow('session id')
    expect(() => decode([VERSIONS, MARKER], Uint8Array.of(0, 0, 1))).toThrow('padding')
  })

  it('is malformed at every length before its end', () => {
    const encoded = encodeClientHello(hello([VERSIONS, references(1, 4), MARKER]))
    for (let length = 0; length < encoded.length; length++)
      expect(() => decodeInnerHello(encoded.subarray(0, length), OUTER), `${length}`).toThrow(
        expect.objectContaining({ code: 'E_MALFORMED' }),
      )
  })

  it('never becomes larger than both hellos together', () => {
    const types = Array.from({ length: 127 }, (_, index) => 100 + index)
    const large = hello(types.map((type) => ext(type, new Uint8Array(500))))
    const encoded = encodeClientHello(hello([VERSIONS, references(...types), MARKER]))
    const inner = encodeClientHello(decodeInnerHello(encoded, large))
    expect(inner.length).toBeLessThan(encoded.length + encodeClientHello(large).length)
    for (const repeated of [[...types.slice(0, 126), 100], Array.from({ length: 127 }, () => 100)])
      expect(() =>
        decodeInnerHello(encodeClientHello(hello([VERSIONS, references(...repeated), MARKER])), large),
      ).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})

describe('padding', () => {
  const length = (name: string | undefined, most: number): number =>
    encodeInnerHello(hello([...(name === undefined ? [] : [serverName(name)]), VERSIONS, MARKER]), [], most)
      .length

  it('makes all names up to the longest alike, and no name as well', () => {
    const lengths = ['a.b', 'host.example', 'x'.repeat(64), undefined].map((name) => length(name, 64))
    expect(new Set(lengths).size).toBe(1)
    // 43 bytes up to the extensions, 9 around the name and 64 in it, 7 and 5 for the other two.
    expect(lengths[0]).toBe(43 + 9 + 64 + 7 + 5)
  })

  it('rounds up to 32 bytes behind that', () => {
    for (let size = 1; size < 100; size++) {
      const padded = length('x'.repeat(size), 0)
      expect(padded % 32).toBe(0)
      expect(padded - (43 + 9 + 7 + 5 + size)).toBeLessThan(32)
    }
  })
})
