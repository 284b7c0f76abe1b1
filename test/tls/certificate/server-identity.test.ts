import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { isNamed, serverIdentity } from '../../../src/lib/tls/certificate/verify/server-identity.ts'
import { parseCertificate } from '../../../src/lib/tls/certificate/x509/certificate.ts'
import { subjectAltNames } from '../../../src/lib/tls/certificate/x509/extensions.ts'
import { OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { judge } from '../../support/judge.ts'

/** Asked for, whether it is accepted, and why Node's own comparison answers the opposite. */
type Row = readonly [host: string, isAccepted: boolean, node?: string | undefined, openssl?: string]

const NO_ROOT_DOT = 'it takes no dot at the end'
const ADDRESS_TEXT = 'it compares addresses as they are written'

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'DNS:www.Example.com': [
    ['www.example.com', true],
    ['WWW.EXAMPLE.COM', true],
    ['www.example.com.', true, undefined, NO_ROOT_DOT],
    ['example.com', false],
    ['www.example.com.evil.org', false],
    ['xwww.example.com', false],
    ['a.www.example.com', false],
    ['www.example.co', false],
  ],
  'DNS:*.example.com': [
    ['www.example.com', true],
    ['x_1.example.com', true, undefined, 'it lets no wildcard stand for an underscore'],
    ['xn--bcher-kva.example.com', true],
    ['bücher.example.com', true, undefined, 'it takes A-labels alone'],
    ['example.com', false],
    ['a.b.example.com', false],
    ['www.example.org', false],
  ],
  'DNS:w*.example.com,DNS:*w.example.com,DNS:w*w.example.com,DNS:www.*.com,DNS:*.*.com': [
    ['www.example.com', false, 'it takes a wildcard beside letters'],
    ['a.b.com', false],
  ],
  'DNS:*.com,DNS:*': [
    ['example.com', false],
    ['localhost', false],
  ],
  'DNS:xn--bcher-kva.example': [
    ['xn--bcher-kva.example', true],
    ['bücher.example', true, undefined, 'it takes A-labels alone'],
    ['BÜCHER.example', true, undefined, 'it takes A-labels alone'],
    ['bucher.example', false],
  ],
  'DNS:localhost': [
    ['localhost', true],
    ['localhost.example.com', false],
  ],
  'DNS:example.com.': [['example.com', false, 'it takes a dot at the end of a certificate too']],
  'IP:192.0.2.1,IP:2001:db8::1,DNS:192.0.2.9,DNS:example.com': [
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['2001:DB8:0:0::0:1', true],
    ['[2001:db8::1]', true, ADDRESS_TEXT, ADDRESS_TEXT],
    ['192.0.2.2', false],
    ['192.0.2.9', false],
    ['::ffff:192.0.2.1', false],
    ['example.com', true],
  ],
  'email:www.example.com,URI:https://www.example.com/,otherName:1.2.3.4;UTF8:www.example.com': [
    ['www.example.com', false],
  ],
}

describe.runIf(judge('openssl') !== undefined)('the name of a server', () => {
  const pki = new OpensslPki()

  it.each(Object.entries(TABLE))('%s is compared as OpenSSL and Node compare it', (names, rows) => {
    const { der } = pki.server({ extensions: [`subjectAltName=${names}`] })
    const presented = subjectAltNames(parseCertificate(der))
    const other = new X509Certificate(der)
    for (const [host, isAccepted, node, openssl] of rows) {
      expect(isNamed(serverIdentity(host), presented), host).toBe(isAccepted)
      const options = { subject: 'never', partialWildcards: false, multiLabelWildcards: false } as const
      const byOpenssl =
        (isIP(host) === 0 ? other.checkHost(host, options) : other.checkIP(host)) !== undefined
      expect(byOpenssl, `openssl: ${host} ${openssl ?? ''}`).toBe(
        openssl === undefined ? isAccepted : !isAccepted,
      )
      const byNode =
        checkServerIdentity(host, other.toLegacyObject() as unknown as PeerCertificate) === undefined
      expect(byNode, `node: ${host} ${node ?? ''}`).toBe(node === undefined ? isAccepted : !isAccepted)
    }
  })

  it('is read as a browser reads it, and refused when it is none', () => {
    expect(serverIdentity('127.1')).toEqual({ ip: Uint8Array.of(127, 0, 0, 1) })
    expect(serverIdentity('::1')).toEqual({ ip: Uint8Array.from([...new Uint8Array(15), 1]) })
    expect(serverIdentity('Example.COM.')).toEqual({ dns: 'example.com' })
    for (const host of ['', '.', 'a b', 'a/b', '*.example.com', 'a..b', `${'a'.repeat(64)}.b`])
      expect(() => serverIdentity(host), host).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it.each([
    ['a name with a NUL in it', '820f777777006578616d706c652e636f6d'],
    ['a name with a blank', '8206612e636f6d20'],
    ['an address of another length', '8703c00002'],
    ['an address in a name of another kind', '8604c0000201'],
  ])('is never %s', (_, name) => {
    const length = (name.length / 2).toString(16).padStart(2, '0')
    const { der } = pki.server({ extensions: [`subjectAltName=DER:30${length}${name}`] })
    const presented = subjectAltNames(parseCertificate(der))
    for (const host of ['www', 'www.example.com', 'a.com', '192.0.2.0', '192.0.2.1'])
      expect(isNamed(serverIdentity(host), presented)).toBe(false)
  })
})
