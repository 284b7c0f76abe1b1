import { describe, expect, it } from 'vitest'
import { concat, fromHex, u16 } from '../../../src/lib/core/index.ts'
import { type ClientHello, type Extension, ja4 } from '../../../src/lib/tls/index.ts'
import { foxioCaptures, hellosOf, type Published } from './foxio.ts'

/**
 * Its ALPN value begins and ends with bytes that are no characters. The published value has nines there, the document
 * the ends of the hexadecimal form.
 */
const EXCEPTION = 'tls-non-ascii-alpn.pcapng'

const captures = foxioCaptures()

describe.runIf(captures.length > 0)('JA4 of the published captures', () => {
  it.each(captures.filter(({ published }) => published.length > 0))(
    '$name',
    async ({ name, path, published }) => {
      const found = await hellosOf(path)
      const documented = ({ ja4: value, ...rest }: Published): Published =>
        name === EXCEPTION
          ? { ...rest, ja4: value.replace('t13d151699', 't13d1516bd') }
          : { ...rest, ja4: value }
      const ours = published.map(({ srcport, dstport, ...forms }) => {
        const first = found.find(
          ({ kind, src, dst }) =>
            kind === 'client' && src?.endsWith(`:${srcport}`) && dst?.endsWith(`:${dstport}`),
        )
        if (first?.kind !== 'client') return undefined
        const { ja4: value, raw, original, originalRaw } = ja4(first.hello, first.transport)
        const all = { ja4: value, ja4_r: raw, ja4_o: original, ja4_ro: originalRaw }
        // Not every form of every hello is published; of the exception they have the nines as well.
        const wanted = Object.entries(all).filter(([form]) =>
          name === EXCEPTION ? form === 'ja4' : form in forms,
        )
        return Object.fromEntries(wanted)
      })
      const theirs = published
        .map(documented)
        .map(({ src: _src, dst: _dst, srcport: _srcport, dstport: _dstport, sni: _sni, ...forms }) => {
          return name === EXCEPTION ? { ja4: forms.ja4 } : forms
        })
      expect(ours).toEqual(theirs)
    },
  )

  it('counts the second hello of a connection as well', async () => {
    const { path, published } = captures.find(
      ({ name }) => name === 'tls-handshake.pcapng',
    ) as (typeof captures)[number]
    const clients = (await hellosOf(path)).filter(({ kind }) => kind === 'client')
    const second = clients
      .flatMap((found) => (found.kind === 'client' ? [ja4(found.hello, found.transport).ja4] : []))
      .filter((value) => value === 't13d1515h2_8daaf6152771_f37e75b10bcc')
    expect([clients.length - published.length, second.length]).toEqual([5, 5])
  })
})

describe('JA4', () => {
  const extension = (type: number, body: Uint8Array): Extension => ({ type, body })
  const versions = (...list: readonly number[]): Extension =>
    extension(0x002b, concat(Uint8Array.of(2 * list.length), ...list.map(u16)))
  const algorithms = (...list: readonly number[]): Extension =>
    extension(0x000d, concat(u16(2 * list.length), ...list.map(u16)))
  const hello = (parts: Partial<ClientHello>): ClientHello => ({
    version: 0x0303,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cipherSuites: [0x1301],
    compressionMethods: Uint8Array.of(0),
    ...parts,
  })
  const head = (parts: Partial<ClientHello>, transport: 'tcp' | 'quic' | 'dtls' = 'tcp'): string =>
    ja4(hello(parts), transport).ja4.split('_')[0] as string

  // The table of the document.
  it.each([
    ['6162', 'ab'],
    ['6832', 'h2'],
    ['687474702f312e31', 'h1'],
    ['ab', 'ab'],
    ['20', '20'],
    ['abcd', 'ad'],
    ['2061', '21'],
    ['30ab', '3b'],
    ['6120', '60'],
    ['3031abcd', '3d'],
    ['30abcd31', '01'],
    ['61', 'aa'],
    ['', '00'],
  ])('writes the ALPN value %s as %s', (value, mark) => {
    const name = fromHex(value)
    const body = concat(u16(name.length + 1), Uint8Array.of(name.length), name)
    expect(head({ extensions: [extension(0x0010, body)] }).slice(-2)).toBe(mark)
  })

  it.each([
    ['no ALPN', []],
    ['an ALPN without values', [extension(0x0010, u16(0))]],
    ['an ALPN that cannot be read', [extension(0x0010, Uint8Array.of(0, 9, 1))]],
  ])('writes %s as 00', (_what, extensions) => {
    expect(head({ extensions }).slice(-2)).toBe('00')
  })

  it.each([
    ['13', 0x0303, [0x0a0a, 0x0304, 0x0303]],
    ['12', 0x0303, undefined],
    ['11', 0x0302, undefined],
    ['10', 0x0301, undefined],
    ['s3', 0x0300, undefined],
    ['s2', 0x0002, undefined],
    ['d1', 0xfeff, undefined],
    ['d2', 0xfefd, undefined],
    ['d3', 0xfefd, [0xfefc, 0xfefd]],
    ['12', 0x0303, [0x3a3a]],
    ['00', 0x1234, undefined],
  ])('says version %s', (text, version, offered) => {
    const extensions = offered === undefined ? [] : [versions(...offered)]
    expect(head({ version, extensions }).slice(1, 3)).toBe(text)
  })

  it('says how the hello came, and whether it names a server', () => {
    expect(['tcp', 'quic', 'dtls'].map((transport) => head({}, transport as 'tcp')[0])).toEqual([
      't',
      'q',
      'd',
    ])
    expect(head({})[3]).toBe('i')
    // Also when what is there is no name.
    expect(head({ extensions: [extension(0, Uint8Array.of(255))] })[3]).toBe('d')
  })

  it('counts what is no GREASE, up to 99', () => {
    const many = Array.from({ length: 120 }, (_, i) => 0x2000 + i)
    expect(head({ cipherSuites: many }).slice(4, 6)).toBe('99')
    expect(head({ cipherSuites: [0x0a0a, 0x1301, 0x00ff, 0x5600, 0xfafa] }).slice(4, 6)).toBe('03')
    const extensions = [0x1a1a, 0, 0x0010, 5].map((type) => extension(type, new Uint8Array(0)))
    expect(head({ extensions }).slice(6, 8)).toBe('03')
  })

  it('has zeros where there is nothing to hash', () => {
    expect(ja4(hello({ cipherSuites: [] }), 'tcp').ja4).toBe('t12i000000_000000000000_000000000000')
    const { raw } = ja4(hello({ extensions: [extension(0, new Uint8Array(0))] }), 'tcp')
    expect(raw).toBe('t12d010100_1301_')
  })

  // From the document: the extensions of its example without signature algorithms.
  it('has no underscore without signature algorithms', () => {
    const types = '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015'.split(',')
    const extensions = types.map((type) => extension(Number.parseInt(type, 16), new Uint8Array(0)))
    expect(ja4(hello({ extensions }), 'tcp').ja4.split('_')[2]).toBe('6d807ffa2a79')
  })

  it('leaves GREASE out of the signature algorithms, and those for delegated credentials', () => {
    const plain = ja4(hello({ extensions: [algorithms(0x0403, 0x0804)] }), 'tcp')
    expect(plain.raw).toBe('t12i010100_1301_000d_0403,0804')
    expect(ja4(hello({ extensions: [algorithms(0x5a5a, 0x0403, 0x0804)] }), 'tcp')).toEqual(plain)
    const delegated = extension(0x0022, algorithms(0x0807).body)
    expect(ja4(hello({ extensions: [delegated, algorithms(0x0403)] }), 'tcp').raw).toBe(
      't12i010200_1301_000d,0022_0403',
    )
  })
})
