import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseRoots, systemRoots } from '../../../src/lib/tls/certificate/roots/load-roots.ts'
import { joinRoots } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { parseCertificate } from '../../../src/lib/tls/certificate/x509/certificate.ts'
import { derOf, OpensslPki, pemOf } from '../../support/certificates/openssl-pki.ts'
import { judge } from '../../support/judge.ts'

const input = expect.objectContaining({ code: 'E_INPUT' })
const BASE64 = 'MAMBAf8='

describe.runIf(judge('openssl') !== undefined)('roots of a PEM text', () => {
  const pki = new OpensslPki()
  const [one, other] = [pki.authority('one'), pki.authority('other')]
  const subjectOf = (pem: string): string => parseCertificate(derOf(pem)).subjectKey

  it('are found by their subject, with words between them and lines of any end', () => {
    const text = `# a bundle\r\n${one.pem.replaceAll('\n', '\r\n')}\nnext:\n${other.pem}${one.pem}`
    const roots = parseRoots(text)
    expect(roots.size).toBe(2)
    expect(roots.withSubject(subjectOf(one.pem)).map(({ der }) => der)).toEqual([one.der])
    expect(roots.withSubject(subjectOf(other.pem)).map(({ der }) => der)).toEqual([other.der])
    expect(roots.withSubject('another')).toEqual([])
  })

  it('can be joined', () => {
    const roots = joinRoots(parseRoots(one.pem), parseRoots(other.pem))
    expect(roots.size).toBe(2)
    for (const { pem, der } of [one, other])
      expect(roots.withSubject(subjectOf(pem)).map((root) => root.der)).toEqual([der])
  })

  it('are as many as openssl reads', () => {
    const count = (text: string): number =>
      execFileSync('openssl', ['storeutl', '-certs', '-noout', pki.write('bundle', text)], {
        encoding: 'utf8',
      }).split(': Certificate').length - 1
    const text = `${one.pem}\n\n${other.pem}`
    expect(parseRoots(text).size).toBe(count(text))
  })

  it.each<[string, string]>([
    ['no certificate', 'nothing'],
    ['an empty text', ''],
    ['a private key', `${one.pem}-----BEGIN PRIVATE KEY-----\n${BASE64}\n-----END PRIVATE KEY-----\n`],
    ['a certificate with trust settings', one.pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
    ['a certificate without an end', one.pem.replace(/-----END.*/s, '')],
    ['a certificate in a certificate', one.pem.replace(/-----END.*/s, one.pem)],
    ['an end without a beginning', one.pem.replace(/-----BEGIN.*-----/, '')],
    ['what is not base64', one.pem.replace('MII', 'M!I')],
    ['base64 of half a byte', one.pem.replace('MII', 'MI')],
    ['an empty certificate', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['bytes that are no certificate', `-----BEGIN CERTIFICATE-----\n${BASE64}\n-----END CERTIFICATE-----\n`],
  ])('are refused with %s', (_, text) => {
    expect(() => parseRoots(text)).toThrow(input)
  })

  it('are bounded', () => {
    const tooLarge = expect.objectContaining({ code: 'E_TOO_LARGE' })
    expect(() => parseRoots(`${one.pem}${' '.repeat(4 * 1_048_576)}`)).toThrow(tooLarge)
    const small = pemOf(Uint8Array.of(0x30, 0))
    expect(() => parseRoots(small.repeat(2_001))).toThrow(tooLarge)
  })

  it('of the system are those of the file that SSL_CERT_FILE names, and of NODE_EXTRA_CA_CERTS', () => {
    const module = fileURLToPath(
      new URL('../../../src/lib/tls/certificate/roots/load-roots.ts', import.meta.url),
    )
    const script = `const { systemRoots } = await import(process.argv[1])
      const found = (key) => systemRoots().withSubject(key).length
      console.log(JSON.stringify([systemRoots().size, ...process.argv.slice(2).map(found)]))`
    const nothing = mkdtempSync(join(pki.folder, 'no-roots-'))
    const keys = [one.pem, other.pem].map(subjectOf)
    const run = (env: Readonly<Record<string, string>>): unknown =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', script, module, ...keys], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH ?? '', SSL_CERT_DIR: nothing, ...env },
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      )
    const [onlyOne, empty] = [pki.write('bundle', one.pem), pki.write('bundle', '')]
    expect(run({ SSL_CERT_FILE: onlyOne })).toEqual([1, 1, 0])
    const extra = pki.write('bundle', other.pem)
    expect(run({ SSL_CERT_FILE: onlyOne, NODE_EXTRA_CA_CERTS: extra })).toEqual([2, 1, 1])
    // A system without roots of its own gets those of Node.js.
    expect((run({ SSL_CERT_FILE: empty }) as [number])[0]).toBeGreaterThan(100)
  })
})

describe('the roots of this machine', () => {
  it('are authorities, and are read once', () => {
    const roots = systemRoots()
    expect(roots.size).toBeGreaterThan(100)
    expect(systemRoots()).toBe(roots)
  })

  it('hold a well-known one', () => {
    const name = 'ISRG Root X1'
    const key = '550406="us",55040a="internet security research group",550403="isrg root x1"'
    const [found] = systemRoots().withSubject(key)
    expect(found && new X509Certificate(found.der).subject).toContain(`CN=${name}`)
  })
})
