import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { rootsOf } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import { formatSpkiPin, parseSpkiPin } from '../../../src/lib/tls/certificate/verify/spki-pin.ts'
import {
  type ServerChainOptions,
  verifyServerChain,
} from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import { DER_EXTENSIONS, derCertificate } from '../../support/certificates/der-certificate.ts'
import { type MadeCertificate, OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { judge } from '../../support/judge.ts'

const DAY_MS = 86_400_000
/** A minute from now, when the certificates that are about to be made are valid. */
const now = Date.now() + 60_000

function verify(chain: readonly MadeCertificate[], more: Partial<ServerChainOptions> = {}) {
  return verifyServerChain({
    chain: chain.map(({ der }) => der),
    roots: rootsOf([]),
    serverName: 'www.example.com',
    clock: new ManualClock(now),
    ...more,
  })
}

function refusal(run: () => unknown): CertificateError {
  try {
    run()
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe.runIf(judge('openssl') !== undefined)('a verified server', () => {
  const pki = new OpensslPki()
  const root = pki.authority('Example "Root"')
  const intermediate = pki.authority('between', { issuer: root })
  const server = pki.server({ issuer: intermediate })
  const roots = rootsOf([root.der])

  it('comes with its key and the path to the root that vouches for it', () => {
    const { key, path, isPinned } = verify([server, intermediate], { roots })
    expect(key.kind).toBe('p256')
    expect(key.object.equals(server.key.publicKey)).toBe(true)
    expect(path).toEqual([server.der, intermediate.der, root.der])
    expect(isPinned).toBe(false)
  })

  it('is refused in words that say who and why, with the alert for the server', () => {
    const missing = refusal(() => verify([server], { roots }))
    expect(missing.message).toBe(
      'the server\'s certificate is signed by "between", who is not trusted here and whose certificate was not sent',
    )
    expect([missing.code, missing.alert, missing.alertNumber]).toEqual(['E_CERTIFICATE', 'unknown_ca', 46])
    expect(missing.hint).toMatch(/root that you trust/)

    const untrusted = refusal(() => verify([server, intermediate]))
    expect(untrusted.message).toMatch(
      /^the authority "between" is signed by "Example \\"Root\\"", who is not/,
    )
    const own = refusal(() => verify([pki.server()], { roots }))
    expect(own.message).toBe("the server's certificate vouches for itself and is not trusted here")

    const late = refusal(() =>
      verify([server, intermediate], { roots, clock: new ManualClock(now + 31 * DAY_MS) }),
    )
    expect(late.message).toMatch(/^the server's certificate expired on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(late.hint).toMatch(/^this machine's clock says \d{4}-/)
    expect(late.alertNumber).toBe(46)

    const name = refusal(() => verify([server, intermediate], { roots, serverName: 'example.org' }))
    expect(name.message).toBe('the server\'s certificate is not for "example.org"')
    expect(name.alertNumber).toBe(46)

    const critical = pki.server({ issuer: root, extensions: ['1.2.3.4=critical,DER:0500'] })
    const notUnderstood = refusal(() => verify([critical], { roots }))
    expect(notUnderstood.message).toBe(
      "the server's certificate is not taken: it has a critical extension that is not understood (2a0304)",
    )
    expect([notUnderstood.code, notUnderstood.alertNumber]).toEqual(['E_CERTIFICATE', 46])
  })

  it('may send a certificate that cannot be read, so long as it is not needed', () => {
    const rubbish = { ...intermediate, der: Uint8Array.of(0x30, 1) }
    expect(verify([server, rubbish, intermediate], { roots }).path).toHaveLength(3)
    expect(refusal(() => verify([rubbish, intermediate], { roots })).alert).toBe('bad_certificate')
  })

  it('is not looked for under what is no name', () => {
    expect(() => verify([server, intermediate], { roots, serverName: 'a b' })).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    )
  })
})

describe.runIf(judge('openssl') !== undefined)('a pinned server', () => {
  const pki = new OpensslPki()
  const server = pki.server({ days: 1, extensions: ['keyUsage=', 'extendedKeyUsage=clientAuth'] })
  const pin = (made: MadeCertificate): string => {
    const spki = execFileSync('openssl', ['pkey', '-pubin', '-in', made.key.publicFile, '-outform', 'DER'])
    const hash = execFileSync('openssl', ['dgst', '-sha256', '-binary', pki.write('spki', spki)])
    return hash.toString('base64')
  }

  it('is known by its key alone: no name, date, purpose or authority matters', () => {
    const { key, path, isPinned } = verify([server], {
      pins: [new Uint8Array(32), parseSpkiPin(pin(server))],
      serverName: 'another.example',
      clock: new ManualClock(now + 9 * DAY_MS),
    })
    expect(key.object.equals(server.key.publicKey)).toBe(true)
    expect([path, isPinned]).toEqual([[server.der], true])
  })

  it('is refused with another key even where a root vouches for it, and the key that was met is named', () => {
    const root = pki.authority('root')
    const other = pki.server({ issuer: root })
    const error = refusal(() =>
      verify([other], { roots: rootsOf([root.der]), pins: [parseSpkiPin(pin(server))] }),
    )
    expect(error.alert).toBe('bad_certificate')
    expect(error.message).toBe(`the server has another key than the pinned one: sha256//${pin(other)}`)
  })

  it('is not known by the key of another certificate that it sends', () => {
    const pins = [parseSpkiPin(pin(server))]
    expect(refusal(() => verify([pki.server(), server], { pins })).alert).toBe('bad_certificate')
  })

  it('is refused with a key that is too weak', () => {
    const key = pki.key(() => generateKeyPairSync('rsa', { modulusLength: 1024 }))
    const weak = pki.server({ key })
    expect(refusal(() => verify([weak], { pins: [parseSpkiPin(pin(weak))] })).alert).toBe(
      'unsupported_certificate',
    )
  })

  it('has a pin that is read with and without its label, and in hex', () => {
    const base64 = pin(server)
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
    for (const text of [base64, `sha256//${base64}`, Buffer.from(bytes).toString('hex')])
      expect(parseSpkiPin(text)).toEqual(bytes)
    const spki = server.key.publicKey.export({ type: 'spki', format: 'der' })
    expect(formatSpkiPin(new Uint8Array(spki))).toBe(`sha256//${base64}`)
    for (const text of [
      '',
      base64.slice(1),
      `sha1//${base64}`,
      base64.replace('=', ''),
      `${'A'.repeat(42)}B=`,
    ])
      expect(() => parseSpkiPin(text), text).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})

describe('a signature', () => {
  it('is not believed under the name of an algorithm with which it was not made', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made = (algorithm: string | undefined, subject: string, extension: Uint8Array): Uint8Array => {
      return derCertificate({
        subject,
        issuer: 'root',
        publicKey: subject === 'root' ? rsa.publicKey : ec.publicKey,
        // With SHA-256 and the padding of PKCS #1, whatever the certificate says.
        issuerKey: rsa.privateKey,
        from: now - DAY_MS,
        to: now + DAY_MS,
        extensions: [extension],
        ...(algorithm === undefined ? {} : { algorithm, hash: 'sha256' }),
      })
    }
    const root = made(undefined, 'root', DER_EXTENSIONS.authority)
    const answer = (algorithm: string | undefined): unknown =>
      verifyServerChain({
        chain: [made(algorithm, 'server', DER_EXTENSIONS.names('www.example.com'))],
        roots: rootsOf([root]),
        serverName: 'www.example.com',
        clock: new ManualClock(now),
      })
    expect(answer('06092a864886f70d01010b0500')).toMatchObject({ isPinned: false })
    expect(refusal(() => answer(undefined)).alert).toBe('bad_certificate')
  })
})

describe('certificates of ML-DSA', () => {
  const OIDS = { 'ml-dsa-44': '11', 'ml-dsa-65': '12', 'ml-dsa-87': '13' } as const
  const kinds = Object.keys(OIDS) as (keyof typeof OIDS)[]
  const chainOf = (
    rootKind: keyof typeof OIDS,
    leafKind: keyof typeof OIDS,
  ): readonly [Uint8Array, Uint8Array] => {
    const [rootPair, leafPair] = [
      generateKeyPairSync(rootKind as 'ml-dsa-44'),
      generateKeyPairSync(leafKind as 'ml-dsa-44'),
    ]
    const order = {
      issuer: 'root',
      issuerKey: rootPair.privateKey,
      algorithm: `06096086480165030403${OIDS[rootKind]}`,
      from: now - DAY_MS,
      to: now + DAY_MS,
    }
    const root = derCertificate({
      ...order,
      subject: 'root',
      publicKey: rootPair.publicKey,
      extensions: [DER_EXTENSIONS.authority],
    })
    const leaf = derCertificate({
      ...order,
      subject: 'server',
      publicKey: leafPair.publicKey,
      extensions: [DER_EXTENSIONS.names('www.example.com')],
    })
    return [leaf, root]
  }
  const check = (chain: readonly Uint8Array[], root: Uint8Array) =>
    verifyServerChain({
      chain,
      roots: rootsOf([root]),
      serverName: 'www.example.com',
      clock: new ManualClock(now),
    })

  it.each(kinds.map((kind, i) => [kind, kinds[(i + 1) % 3] ?? kind] as const))(
    '%s vouches for %s, as Node says too',
    (rootKind, leafKind) => {
      const [leaf, root] = chainOf(rootKind, leafKind)
      expect(new X509Certificate(leaf).verify(new X509Certificate(root).publicKey)).toBe(true)
      expect(check([leaf], root).key.kind).toBe(leafKind)
      const changed = leaf.slice()
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
      expect(refusal(() => check([changed], root)).alert).toBe('bad_certificate')
      expect(refusal(() => check([leaf], chainOf(leafKind, leafKind)[1])).alert).toBe('bad_certificate')
    },
  )

  it('are refused in words where the Node.js that runs does not know them', async () => {
    const [leaf, root] = chainOf('ml-dsa-44', 'ml-dsa-65')
    const unknown = (): never => {
      throw new TypeError('unknown key type')
    }
    vi.resetModules()
    vi.doMock('node:crypto', async (original) => ({
      ...(await original<typeof import('node:crypto')>()),
      createPublicKey: unknown,
      generateKeyPairSync: unknown,
    }))
    try {
      const old = await import('../../../src/lib/tls/certificate/verify/verify-server-chain.ts')
      const { rootsOf: oldRootsOf } = await import('../../../src/lib/tls/certificate/roots/trust-roots.ts')
      const options = { serverName: 'www.example.com', clock: new ManualClock(now) }
      expect(() => old.verifyServerChain({ chain: [leaf], roots: oldRootsOf([root]), ...options })).toThrow(
        expect.objectContaining({
          code: 'E_UNSUPPORTED',
          alert: 'unsupported_certificate',
          message: expect.stringContaining('ML-DSA'),
          hint: expect.stringContaining('24.6'),
        }),
      )
    } finally {
      vi.doUnmock('node:crypto')
      vi.resetModules()
    }
  })
})
