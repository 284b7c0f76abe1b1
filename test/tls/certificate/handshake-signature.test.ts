import { execFileSync } from 'node:child_process'
import { constants, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importVerifyingKey, type KeyKind } from '../../../src/lib/crypto/index.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import { requireHandshakeSignature } from '../../../src/lib/tls/certificate/verify/certificate-verify.ts'
import { type MadeKey, OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { judge } from '../../support/judge.ts'

const CONTENT = Uint8Array.from(Buffer.from(`${' '.repeat(64)}TLS 1.3, server CertificateVerify\0and a hash`))

type Maker = (pki: OpensslPki) => MadeKey

const ec =
  (curve: string): Maker =>
  (pki) =>
    pki.ecKey(curve)
const rsa: Maker = (pki) => pki.key(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const pssOnly: Maker = (pki) => pki.key(() => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))
const ed25519: Maker = (pki) => pki.key(() => generateKeyPairSync('ed25519'))

const PSS = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']

/** Scheme, the key that it is for, and how openssl signs with it. */
const SCHEMES: readonly (readonly [
  scheme: number,
  name: string,
  kind: KeyKind,
  key: Maker,
  options: readonly string[],
])[] = [
  [0x0403, 'ecdsa_secp256r1_sha256', 'p256', ec('P-256'), ['-sha256']],
  [0x0503, 'ecdsa_secp384r1_sha384', 'p384', ec('P-384'), ['-sha384']],
  [0x0603, 'ecdsa_secp521r1_sha512', 'p521', ec('P-521'), ['-sha512']],
  [0x0804, 'rsa_pss_rsae_sha256', 'rsa', rsa, ['-sha256', ...PSS]],
  [0x0805, 'rsa_pss_rsae_sha384', 'rsa', rsa, ['-sha384', ...PSS]],
  [0x0806, 'rsa_pss_rsae_sha512', 'rsa', rsa, ['-sha512', ...PSS]],
  [0x0807, 'ed25519', 'ed25519', ed25519, []],
]

function opensslSigns(
  pki: OpensslPki,
  key: MadeKey,
  options: readonly string[],
  content = CONTENT,
): Uint8Array {
  const input = pki.write('content', Buffer.from(content))
  const args =
    options.length === 0
      ? ['pkeyutl', '-sign', '-rawin', '-inkey', key.privateFile, '-in', input]
      : ['dgst', ...options, '-sign', key.privateFile, input]
  return new Uint8Array(execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] }))
}

function spkiOf({ publicKey }: MadeKey): Uint8Array {
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
}

/** The alert, or undefined where the signature is accepted. */
function alertFor(
  key: MadeKey,
  scheme: number,
  signature: Uint8Array,
  content = CONTENT,
): string | undefined {
  try {
    requireHandshakeSignature(importVerifyingKey(spkiOf(key)), scheme, content, signature)
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error.alert
    throw error
  }
}

describe.runIf(judge('openssl') !== undefined)('the signature of a handshake', () => {
  const pki = new OpensslPki()

  it.each(SCHEMES)(
    '0x%s %s of openssl is accepted for its content alone',
    (scheme, _name, _kind, make, options) => {
      const key = make(pki)
      const signature = opensslSigns(pki, key, options)
      expect(alertFor(key, scheme, signature)).toBeUndefined()
      expect(alertFor(key, scheme, signature, CONTENT.subarray(1))).toBe('decrypt_error')
      expect(alertFor(make(pki), scheme, signature)).toBe('decrypt_error')
      expect(alertFor(key, scheme, signature.subarray(1))).toBe('decrypt_error')
      expect(alertFor(key, scheme, new Uint8Array(0))).toBe('decrypt_error')
      const changed = signature.slice()
      changed[9] = (changed[9] ?? 0) ^ 1
      expect(alertFor(key, scheme, changed)).toBe('decrypt_error')
    },
  )

  it('of RSA is as long as the modulus, though its number is smaller', () => {
    const key = SCHEMES.find(([, name]) => name === 'rsa_pss_rsae_sha256')?.[3](pki) as MadeKey
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    let signature = new Uint8Array([1])
    // One of 256 begins with a zero.
    while (signature[0] !== 0)
      signature = new Uint8Array(sign('sha256', CONTENT, { key: key.privateKey, ...pss }))
    expect(alertFor(key, 0x0804, signature)).toBeUndefined()
    expect(alertFor(key, 0x0804, signature.subarray(1))).toBe('decrypt_error')
    expect(alertFor(key, 0x0804, new Uint8Array([0, ...signature]))).toBe('decrypt_error')
  })

  it('is not taken under a scheme that is for another key', () => {
    for (const [, name, kind, make, options] of SCHEMES) {
      const key = make(pki)
      const signature = opensslSigns(pki, key, options)
      for (const [scheme, , otherKind] of SCHEMES)
        if (otherKind !== kind) expect(alertFor(key, scheme, signature), name).toBe('illegal_parameter')
    }
  })

  it('is not taken of a key that is for RSA-PSS alone under a scheme of ordinary RSA keys', () => {
    const key = pssOnly(pki)
    expect(alertFor(key, 0x0804, opensslSigns(pki, key, ['-sha256', ...PSS]))).toBe('illegal_parameter')
  })

  it.each([
    ['PKCS #1 v1.5, which is for certificates', 0x0401, rsa, ['-sha256']],
    ['SHA-1', 0x0203, ec('P-256'), ['-sha1']],
    ['a number that GREASE uses', 0x0a0a, ec('P-256'), ['-sha256']],
  ] as const)('is not taken with %s', (_, scheme, make, options) => {
    const key = make(pki)
    expect(alertFor(key, scheme, opensslSigns(pki, key, options))).toBe('illegal_parameter')
  })

  it('of RSA needs the salt and the padding of its scheme', () => {
    const key = rsa(pki)
    for (const options of [
      ['-sha256'],
      ['-sha384', ...PSS],
      ['-sha256', ...PSS.slice(0, 3), 'rsa_pss_saltlen:20'],
      ['-sha256', ...PSS.slice(0, 3), 'rsa_pss_saltlen:0'],
    ])
      expect(alertFor(key, 0x0804, opensslSigns(pki, key, options)), options.join(' ')).toBe('decrypt_error')
  })

  it('of ECDSA needs the hash of its scheme', () => {
    const key = ec('P-256')(pki)
    expect(alertFor(key, 0x0403, opensslSigns(pki, key, ['-sha384']))).toBe('decrypt_error')
  })
})

/** Of 34 bits. */
function longExponent(): Uint8Array {
  const { n } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const e = Buffer.from('0200000001', 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'RSA', n: n ?? '', e }, format: 'jwk' })
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }))
}

describe('a public key', () => {
  const spki = (make: Parameters<OpensslPki['key']>[0]): Uint8Array =>
    new Uint8Array(make().publicKey.export({ type: 'spki', format: 'der' }))

  it.each<[KeyKind, Uint8Array]>([
    ['rsa', spki(() => generateKeyPairSync('rsa', { modulusLength: 3072 }))],
    ['rsa-pss', spki(() => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))],
    ['p256', spki(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['ed25519', spki(() => generateKeyPairSync('ed25519'))],
  ])('of the kind %s says so', (kind, bytes) => {
    expect(importVerifyingKey(bytes)).toMatchObject({ kind })
  })

  it.each<[string, Uint8Array]>([
    ['RSA with 2047 bits', spki(() => generateKeyPairSync('rsa', { modulusLength: 2047 }))],
    ['RSA with a long exponent', longExponent()],
    [
      'a curve that is described',
      spki(() => generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })),
    ],
    ['DSA', spki(() => generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }))],
    ['key agreement', spki(() => generateKeyPairSync('x25519'))],
  ])('is refused: %s', (_, bytes) => {
    expect(() => importVerifyingKey(bytes)).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
  })

  it('that is none is malformed', () => {
    for (const bytes of [
      new Uint8Array(0),
      Uint8Array.of(0x30, 0),
      spki(() => generateKeyPairSync('ed25519')).subarray(1),
    ])
      expect(() => importVerifyingKey(bytes)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})

describe('ML-DSA', () => {
  const KINDS = [
    ['ml-dsa-44', 0x0904],
    ['ml-dsa-65', 0x0905],
    ['ml-dsa-87', 0x0906],
  ] as const

  it.each(KINDS)('%s signs handshakes under its own scheme', (kind, scheme) => {
    const pair = generateKeyPairSync(kind as 'ml-dsa-44')
    const key = { ...pair, privateFile: '', publicFile: '' }
    const signature = new Uint8Array(sign(null, CONTENT, pair.privateKey))
    expect(importVerifyingKey(spkiOf(key)).kind).toBe(kind)
    for (const [, other] of KINDS)
      expect(alertFor(key, other, signature)).toBe(other === scheme ? undefined : 'illegal_parameter')
    expect(alertFor(key, scheme, signature, CONTENT.subarray(1))).toBe('decrypt_error')
  })
})
