import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { sequence, tlv } from '../../../src/lib/tls/certificate/der.ts'
import { pemCertificates } from '../../../src/lib/tls/certificate/roots/pem.ts'
import { type Certificate, parseCertificate } from '../../../src/lib/tls/certificate/x509/certificate.ts'
import {
  bitsOf,
  booleanOf,
  DerReader,
  smallIntegerOf,
} from '../../../src/lib/tls/certificate/x509/der-reader.ts'
import { displayName, nameParts } from '../../../src/lib/tls/certificate/x509/distinguished-name.ts'
import { allowsKeyUsage, basicConstraints } from '../../../src/lib/tls/certificate/x509/extensions.ts'
import { readTime } from '../../../src/lib/tls/certificate/x509/validity-time.ts'
import { commonName, DER_EXTENSIONS, derCertificate } from '../../support/certificates/der-certificate.ts'

const malformed = expect.objectContaining({ code: 'E_MALFORMED' })
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const der = derCertificate({
  subject: 'a server',
  issuer: 'an authority',
  publicKey: pair.publicKey,
  issuerKey: pair.privateKey,
  extensions: [DER_EXTENSIONS.signing, DER_EXTENSIONS.names('a.example')],
  from: Date.UTC(2031, 1, 3),
  to: Date.UTC(2051, 1, 3),
})

/** The certificate with other bytes in one place, its outer lengths made right again. */
function edited(find: string, replacement: string): Uint8Array {
  const change = (bytes: Uint8Array): string => toHex(bytes).replace(find, replacement)
  const outer = new DerReader(der).enter(0x30)
  const body = fromHex(change(outer.take(0x30)))
  const [algorithm, signature] = [outer.takeWhole(0x30), outer.takeWhole(0x03)]
  const bytes = sequence(sequence(body), algorithm, signature)
  expect(toHex(bytes)).not.toBe(toHex(der))
  return bytes
}

describe('a certificate', () => {
  it.each(rootCertificates.map((pem) => [new X509Certificate(pem).subject.split('\n').at(-1), pem]))(
    'of the root "%s" is read as OpenSSL reads it',
    (_, pem = '') => {
      const other = new X509Certificate(pem)
      const [own] = pemCertificates(pem).map(parseCertificate) as [Certificate]
      expect(own.der).toEqual(new Uint8Array(other.raw))
      expect([own.notBeforeMs, own.notAfterMs]).toEqual([
        other.validFromDate.getTime(),
        other.validToDate.getTime(),
      ])
      expect(own.spki).toEqual(new Uint8Array(other.publicKey.export({ type: 'spki', format: 'der' })))
      expect(own.publicKey().object.equals(other.publicKey)).toBe(true)
      expect(basicConstraints(own).isAuthority).toBe(other.ca)
      expect(allowsKeyUsage(own, 'keyCertSign')).toBe(true)
      expect(own.issuerKey === own.subjectKey).toBe(other.checkIssued(other))
      const commonName = /^CN=(.*)$/m.exec(other.subject)?.[1]
      if (commonName !== undefined)
        expect(displayName(own.subject)).toBe(commonName.replaceAll('\\', '').slice(0, 64))
    },
  )

  it('lasts over the turn to four-digit years', () => {
    const { notBeforeMs, notAfterMs } = parseCertificate(der)
    expect([notBeforeMs, notAfterMs]).toEqual([Date.UTC(2031, 1, 3), Date.UTC(2051, 1, 3)])
  })

  it.each<[string, Uint8Array]>([
    ['with something behind it', concat(der, Uint8Array.of(0))],
    ['that ends early', der.subarray(0, -1)],
    ['that is empty', new Uint8Array(0)],
    ['of version 4', edited('a003020102', 'a003020103')],
    ['of version 1 with extensions', edited('a003020102', 'a003020100')],
    ['of a negative version', edited('a003020102', 'a0030201ff')],
    ['with an extension twice', edited('300e0603551d0f', '300e0603551d11')],
    ['with a truth that is neither', edited('0101ff', '010101')],
    ['with a date that is not in the calendar', edited(toHex(utf8('310203')), toHex(utf8('310231')))],
    ['with two signature algorithms', edited('2a8648ce3d040302', '2a8648ce3d040303')],
    ['with a tag of two bytes', edited('a003020102', 'bf03020102')],
  ])('%s is malformed', (_, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(malformed)
  })
})

describe('DER', () => {
  it.each([
    ['a length that goes on for ever', '30800000'],
    ['a length in a byte that it does not need', '30810100'],
    ['a length with a zero before it', '3082008000'.padEnd(264, '0')],
    ['a length of four bytes', '308400000000'],
    ['a length beyond the end', '300201'],
    ['no length', '30'],
    ['nothing', ''],
    ['another tag', '3100'],
  ])('has one form: %s is refused', (_, hex) => {
    expect(() => new DerReader(fromHex(hex)).take(0x30)).toThrow(malformed)
  })

  it('has one form of truth, of numbers, of bits and of object identifiers', () => {
    const refused: readonly (readonly [
      read: (content: Uint8Array) => unknown,
      contents: readonly string[],
    ])[] = [
      [booleanOf, ['', '01', 'fe', 'ff00']],
      [smallIntegerOf, ['', '80', 'ff', '0001', '0080000000']],
      [bitsOf, ['', '08ff', '09', '01', '0781', '04ff']],
      [
        (content) => new DerReader(tlv(0x06, content)).takeIdentifier(),
        ['', '5580', '558001', '80', '8001', '55ff'],
      ],
    ]
    for (const [read, contents] of refused)
      for (const hex of contents) expect(() => read(fromHex(hex)), hex).toThrow(malformed)
    expect(['00', 'ff'].map((hex) => booleanOf(fromHex(hex)))).toEqual([false, true])
    expect(['00', '7f', '0080', '7fffffff'].map((hex) => smallIntegerOf(fromHex(hex)))).toEqual([
      0,
      127,
      128,
      2 ** 31 - 1,
    ])
    expect(['00', '0780', '04f0'].map((hex) => toHex(bitsOf(fromHex(hex)).bytes))).toEqual(['', '80', 'f0'])
    expect(new DerReader(fromHex('06052a8648ce3d')).takeIdentifier()).toBe('2a8648ce3d')
  })

  it.each([
    ['a time of other letters', '170d3331303230333030303030305a'.replace('5a', '59')],
    ['a time without seconds', '170b333130323033303030305a'],
    ['a time with an offset', '1711333130323033303030303030'.padEnd(30, '0').concat('2b30313030')],
    ['a time with a fraction', `1811${toHex(utf8('20310203000000.5Z'))}`],
    ['the 29th of February where there is none', `180f${toHex(utf8('20310229000000Z'))}`],
    ['a 25th hour', `170d${toHex(utf8('310203250000Z'))}`],
    ['letters for digits', `170d${toHex(utf8('3a0203000000Z'))}`],
  ])('has one form of time: %s is refused', (_, hex) => {
    expect(() => readTime(new DerReader(fromHex(hex)))).toThrow(malformed)
  })

  it('has years of two digits from 1950 to 2049', () => {
    const year = (text: string): number =>
      new Date(readTime(new DerReader(tlv(0x17, utf8(text))))).getUTCFullYear()
    expect(['500101000000Z', '991231235959Z', '000101000000Z', '491231235959Z'].map(year)).toEqual([
      1950, 1999, 2000, 2049,
    ])
  })
})

describe('a name', () => {
  const name = (tag: number, value: Uint8Array): string =>
    nameParts(sequence(tlv(0x31, sequence(fromHex('0603550403'), tlv(tag, value)))).subarray(2)).join()

  it('is the same whatever kind of string it is in, however large its letters and blanks are', () => {
    const same = name(0x0c, utf8('Some Root'))
    for (const tag of [0x13, 0x14, 0x16, 0x1a]) expect(name(tag, utf8(' SOME  root\t'))).toBe(same)
    expect(name(0x1e, fromHex([...'Some Root'].map((letter) => `00${toHex(utf8(letter))}`).join('')))).toBe(
      same,
    )
    expect(name(0x0c, utf8('SomeRoot'))).not.toBe(same)
    expect(name(0x04, utf8('Some Root'))).not.toBe(same)
  })

  it('is told from one that imitates its parts', () => {
    const one = nameParts(concat(commonName('a').subarray(2), commonName('b').subarray(2)))
    const other = nameParts(commonName('a","550403="b').subarray(2))
    expect(one).toHaveLength(2)
    expect(one.join()).not.toBe(other.join())
  })

  it('cannot write on a terminal', () => {
    expect(displayName(commonName('a\u001b[2J\u202e\u0085b').subarray(2))).toBe('a?[2J??b')
    expect(displayName(new Uint8Array(0))).toBe('no name')
  })
})
