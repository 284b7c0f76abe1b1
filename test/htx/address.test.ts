import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, toHex } from '../../src/lib/core/index.ts'
import { bindModeOf, formatAddress, parseAddress, type Scheme } from '../../src/lib/htx/address.ts'
import { htxVectors } from '../support/session-vectors.ts'

interface Named {
  readonly id: string
  readonly kind: string
  readonly peer_id: string
  readonly x25519_public: string
  readonly address: string
}

const named = htxVectors<Named>('peer-ids.json')?.filter(({ kind }) => kind === 'peer-id')

/** Multihash of SHA-256 over 32 zero bytes, and a key of 32 bytes 0x05: base32 by Python's base64 and hashlib. */
const PEER = 'ciqgm2d2vx4gfplxnsh4dc4ot6hcacexcscw5yrtwoicuwi5bvpssji'
const X = 'aucqkbifaucqkbifaucqkbifaucqkbifaucqkbifaucqkbifaucq'
const SCHEMES: readonly Scheme[] = ['htx+tcp', 'htx+ws', 'htx+wss', 'htx+quic', 'htx+https', 'htx+mem']

const refused = expect.objectContaining({ code: 'E_ADDRESS' })

describe.skipIf(named === undefined)('the addresses of the vectors', () => {
  it.each(named ?? [])(
    '$id are read, and written again as they were',
    ({ address, peer_id, x25519_public }) => {
      const parsed = parseAddress(address, 'connect')
      expect(parsed.peer).toBe(peer_id)
      expect(toHex(parsed.x as Uint8Array)).toBe(x25519_public)
      expect(formatAddress(parsed)).toBe(address)
    },
  )
})

describe('an address to connect to', () => {
  it('says where, who and with which key', () => {
    expect(
      parseAddress(`htx+wss://${PEER}@example.org:8443/a/b?x=${X}&bind=exporter&suite=hybrid`, 'connect'),
    ).toEqual({
      scheme: 'htx+wss',
      peer: PEER,
      host: 'example.org',
      port: 8443,
      path: '/a/b',
      x: new Uint8Array(32).fill(5),
      bind: 'exporter',
      suite: 'hybrid',
    })
    expect(parseAddress(`htx+tcp://${PEER}@192.0.2.1:1`, 'connect')).toEqual({
      scheme: 'htx+tcp',
      peer: PEER,
      host: '192.0.2.1',
      port: 1,
      path: undefined,
      x: undefined,
      bind: undefined,
      suite: undefined,
    })
  })

  it('must name its peer by a peer id', () => {
    for (const who of [
      '',
      '@',
      `${PEER}x@`,
      `${PEER.slice(1)}@`,
      `${PEER.toUpperCase()}@`,
      `${X}@`,
      'me:secret@',
    ])
      expect(() => parseAddress(`htx+tcp://${who}host:1`, 'connect'), who).toThrow(refused)
  })

  it('has a port, or the usual one of its scheme', () => {
    const portOf = (scheme: Scheme): number => parseAddress(`${scheme}://${PEER}@host`, 'connect').port
    expect(portOf('htx+ws')).toBe(80)
    expect(portOf('htx+wss')).toBe(443)
    expect(portOf('htx+quic')).toBe(443)
    expect(portOf('htx+https')).toBe(443)
    expect(() => portOf('htx+tcp')).toThrow(refused)
    expect(() => portOf('htx+mem')).toThrow(refused)
    for (const port of ['0', '65536', '99999', '123456', '-1', '+1', '1e3', ''])
      expect(() => parseAddress(`htx+tcp://${PEER}@host:${port}`, 'connect'), port).toThrow(refused)
    expect(parseAddress(`htx+tcp://${PEER}@host:65535`, 'connect').port).toBe(65_535)
  })
})

describe('an address to listen on', () => {
  it('names no peer', () => {
    expect(() => parseAddress(`htx+tcp://${PEER}@127.0.0.1:1`, 'listen')).toThrow(refused)
    expect(() => parseAddress('htx+tcp://@127.0.0.1:1', 'listen')).toThrow(refused)
    expect(parseAddress('htx+tcp://127.0.0.1:0', 'listen')).toMatchObject({ peer: undefined, port: 0 })
  })
})

describe('an IPv6 host', () => {
  it('stands in brackets', () => {
    for (const host of ['::1', '2001:db8::8:800:200c:417a', '::ffff:192.0.2.1', 'fe80::1%eth0']) {
      const parsed = parseAddress(`htx+tcp://${PEER}@[${host}]:9`, 'connect')
      expect(parsed.host).toBe(host)
      expect(formatAddress(parsed)).toBe(`htx+tcp://${PEER}@[${host}]:9`)
    }
    expect(() => parseAddress(`htx+tcp://${PEER}@::1:9`, 'connect')).toThrow(refused)
    for (const host of ['[]', '[x]', '[127.0.0.1]', '[::1', '::1]', '[[::1]]', '[::1]x', '[1:2]'])
      expect(() => parseAddress(`htx+tcp://${PEER}@${host}:9`, 'connect'), host).toThrow(refused)
  })
})

describe('a path', () => {
  it('belongs to ws, wss and https, and is /htx when absent', () => {
    for (const scheme of SCHEMES) {
      const parse = (path: string) => parseAddress(`${scheme}://${PEER}@host:1${path}`, 'connect')
      const hasPath = ['htx+ws', 'htx+wss', 'htx+https'].includes(scheme)
      expect(parse('').path).toBe(hasPath ? '/htx' : undefined)
      if (hasPath) expect(parse('/a?suite=hybrid').path).toBe('/a')
      else expect(() => parse('/a')).toThrow(refused)
    }
  })

  it('carries nothing that could become another header of an HTTP request', () => {
    for (const path of ['/a b', '/a\r\nHost: x', '/a\nb', '/\u0000', '/ä', '/\u007f'])
      expect(() => parseAddress(`htx+ws://${PEER}@host:1${path}`, 'connect'), path).toThrow(refused)
  })
})

describe('parameters', () => {
  const parse = (query: string, scheme = 'htx+wss') =>
    parseAddress(`${scheme}://${PEER}@host:1?${query}`, 'connect')

  it('are x, bind and suite, each once and with a value that exists', () => {
    for (const query of [
      'y=1',
      'x',
      'bind',
      'bind=',
      'bind=tls',
      'suite=',
      'suite=1',
      'SUITE=hybrid',
      '=',
      '&',
    ])
      expect(() => parse(query), query).toThrow(refused)
    expect(() => parse('suite=hybrid&suite=hybrid')).toThrow(refused)
    expect(() => parse(`x=${X}&x=${X}`)).toThrow(refused)
    expect(parse('').suite).toBeUndefined()
    expect(parse('suite=classical').suite).toBe('classical')
  })

  it('x is 32 bytes in lower-case base32', () => {
    for (const x of ['', 'a', X.slice(1), `${X}a`, X.toUpperCase(), `${X}====`, X.replace('a', '1'), PEER])
      expect(() => parse(`x=${x}`), x).toThrow(refused)
  })

  it('bind=exporter needs an outer TLS connection that both ends see', () => {
    for (const scheme of SCHEMES) {
      const hasOuter = scheme === 'htx+wss' || scheme === 'htx+https'
      expect(parse('bind=none', scheme).bind).toBe('none')
      if (hasOuter) expect(parse('bind=exporter', scheme).bind).toBe('exporter')
      else expect(() => parse('bind=exporter', scheme), scheme).toThrow(refused)
      expect(bindModeOf(parse('', scheme))).toBe(scheme === 'htx+https' ? 'exporter' : 'none')
    }
  })
})

describe('what is no address', () => {
  it('is refused with a typed error and a printable message', () => {
    const wrong = [
      '',
      'host:1',
      `htx://${PEER}@host:1`,
      `http://${PEER}@host:1`,
      `HTX+TCP://${PEER}@host:1`,
      `htx+tcp:/${PEER}@host:1`,
      `htx+tcp://${PEER}@`,
      `htx+tcp://${PEER}@:1`,
      `htx+tcp://${PEER}@host:1#part`,
      ` htx+tcp://${PEER}@host:1`,
      `htx+tcp://${PEER}@host:1 `,
      `htx+tcp://${PEER}@host:1\n`,
      `htx+tcp://${PEER}@${PEER}@host:1`,
      `htx+tcp://${PEER}@ho st:1`,
      `htx+tcp://${PEER}@ho\u001b[2Jst:1`,
      `htx+tcp://${PEER}@höst:1`,
      `htx+tcp://${PEER}@${'a'.repeat(254)}:1`,
      `htx+tcp://${PEER}@host:1?${'x'.repeat(3000)}`,
      '\u001b]0;title\u0007',
    ]
    for (const text of wrong) {
      try {
        parseAddress(text, 'connect')
        expect.unreachable(text)
      } catch (error) {
        expect(error, text).toMatchObject({ code: 'E_ADDRESS' })
        expect((error as Error).message).toMatch(/^[\x20-\x7e]{1,200}$/)
      }
    }
  })
})

const hostArbitrary = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('.')),
)

describe('any address', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCHEMES),
        hostArbitrary,
        fc.integer({ min: 1, max: 65_535 }),
        fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
        fc.constantFrom('hybrid' as const, 'classical' as const, undefined),
        fc.constantFrom('exporter' as const, 'none' as const, undefined),
        fc.stringMatching(/^\/[a-z0-9/._~-]{0,30}$/),
        (scheme, host, port, x, suite, bind, path) => {
          const hasPath = ['htx+ws', 'htx+wss', 'htx+https'].includes(scheme)
          const hasOuter = ['htx+wss', 'htx+https'].includes(scheme)
          const address = {
            scheme,
            peer: PEER,
            host,
            port,
            path: hasPath ? path : undefined,
            x,
            bind: bind === 'exporter' && !hasOuter ? undefined : bind,
            suite,
          }
          expect(parseAddress(formatAddress(address), 'connect')).toEqual(address)
        },
      ),
    )
  })

  it('of hostile making ends in an address or a typed error', () => {
    const part = fc.constantFrom(
      ...SCHEMES,
      '://',
      PEER,
      '@',
      'host',
      ':',
      '1',
      '/',
      '?',
      'x=',
      X,
      '&',
      '[',
      ']',
      '%',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => {
        for (const role of ['connect', 'listen'] as const) {
          try {
            const address = parseAddress(parts.join(''), role)
            expect(parseAddress(formatAddress(address), role)).toEqual(address)
          } catch (error) {
            if (!isAivError(error, 'E_ADDRESS')) throw error
          }
        }
      }),
      { numRuns: 5000 },
    )
  })
})
